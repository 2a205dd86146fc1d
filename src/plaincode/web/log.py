"""The access log: method, route template, status, milliseconds. Never a query, a path or an address.

What people look up is about their health, so the path as typed, the query string, the client's
address and the text of an exception stay out; a failure is logged by its type and place in the code.
"""

from __future__ import annotations

import logging
import traceback

__all__ = ["access", "failure", "note"]

_access = logging.getLogger("plaincode.access")
_web = logging.getLogger("plaincode.web")


def access(method: str, route: str, status: int, seconds: float) -> None:
    """Write one line for one request."""
    if _access.isEnabledFor(logging.INFO):
        _access.info("%s %s %d %.1fms", method, route, status, seconds * 1000)


def failure(route: str, error: BaseException) -> None:
    """Write where an unexpected error arose, without its message (it may hold the question)."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames[-4:]))
    _web.error("%s failed: %s at %s", route, type(error).__name__, place or "an unknown place")


def note(text: str) -> None:
    """Write a line about the server itself."""
    _web.warning(text)
