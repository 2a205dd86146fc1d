"""The only room that speaks HTTP: pages for people, REST for programs, from one open snapshot.

Serve it with `run(Settings.read(), print)`, or give `application(Settings.read())` to an ASGI server with
its access log off: a server's own log would hold queries and addresses.
"""

from plaincode.web.app import application
from plaincode.web.serve import run

__all__ = ["application", "run"]
