"""The only room that speaks HTTP: pages for people, REST for programs, from one open snapshot.

    from plaincode.web import application
    uvicorn.run(application(Settings.read()), access_log=False)
"""

from plaincode.web.app import application

__all__ = ["application"]
