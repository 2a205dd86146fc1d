"""The logs: for each request method, route template, status, milliseconds. Never a query, a path, an address.

What people look up is about their health, so the path as typed, the query string, the client's
address and the text of an exception stay out; a failure is logged by its type and place in the code.
Lines are gathered for half a second: a record of `logging` costs 13 µs, as much as the rest of an
answer that is kept; a gathered line costs 1 µs.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from typing import TextIO

__all__ = ["AccessLog", "access", "failure", "note"]

AT_MOST = 500  # lines held back
HELD = 0.5  # seconds

_access = logging.getLogger("plaincode.access")
_web = logging.getLogger("plaincode.web")


class AccessLog:
    """Writes one line a request to a stream, some at a time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._second = 0
        self._stamp = ""

    def __call__(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one request."""
        now = int(time.time())
        if now != self._second:
            self._second, self._stamp = now, time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now))
        lines = self._lines
        lines.append(f"{self._stamp} {method} {route} {status} {seconds * 1000:.1f}ms\n")
        if len(lines) == 1:
            asyncio.get_running_loop().call_later(HELD, self.flush)
        elif len(lines) >= AT_MOST:
            self.flush()

    def flush(self) -> None:
        """Write what is held back."""
        if self._lines:
            self._stream.write("".join(self._lines))
            self._stream.flush()
            self._lines.clear()


def access(method: str, route: str, status: int, seconds: float) -> None:
    """Note one request as a record of `logging`: for servers other than our own."""
    if _access.isEnabledFor(logging.INFO):
        _access.info("%s %s %d %.1fms", method, route, status, seconds * 1000)


def failure(route: str, error: BaseException) -> None:
    """Write where an unexpected error arose, without its message (it may hold the question)."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames[-4:]))
    _web.error("%s failed: %s at %s", route, type(error).__name__, place or "an unknown place")


def note(text: str) -> None:
    """Write a line about the server itself."""
    _web.warning("%s", text)
