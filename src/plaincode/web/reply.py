"""What a handler is asked and what it answers: plain values, so that one place speaks ASGI.

A handler is a plain function `(Ask) -> Reply`. It does not block: every look-up takes microseconds and
every search a few milliseconds, so it runs on the event loop, which is ten times as fast as a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from plaincode.errors import BadRequest, PlaincodeError

if TYPE_CHECKING:
    from plaincode.catalog import Catalog

__all__ = ["HTML", "JSON", "PROBLEM", "Ask", "Handler", "Reply", "Site", "json_reply", "problem", "redirect"]

HTML = "text/html; charset=utf-8"
JSON = "application/json"
PROBLEM = "application/problem+json"

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Site:
    """What every page needs and no snapshot holds: the operator's report address, the assets' addresses."""

    report_url: str | None
    css: str
    js: str
    icon: str


@dataclass(slots=True)
class Ask:
    """One request: the open catalog, the path's parts, the query and the body."""

    catalog: Catalog
    site: Site
    path: str
    parts: Mapping[str, str]
    raw_query: bytes
    body: bytes = b""
    _query: dict[str, list[str]] | None = field(default=None)

    @property
    def query(self) -> dict[str, list[str]]:
        """Return the query's values by name; empty values are kept."""
        if self._query is None:
            found: dict[str, list[str]] = {}
            if self.raw_query:
                # latin-1 cannot fail; parse_qsl replaces what is not UTF-8.
                text = self.raw_query.decode("latin-1")
                for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
                    found.setdefault(name, []).append(value)
            self._query = found
        return self._query

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of a name, or the default."""
        values = self.query.get(name)
        return values[-1] if values else default

    def many(self, name: str) -> tuple[str, ...]:
        """Return every value of a name that is not empty, without repeats."""
        return tuple(dict.fromkeys(v for v in self.query.get(name, ()) if v))

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number between two bounds, or raise BadRequest."""
        text = self.one(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or not low <= int(text) <= high:
            raise BadRequest(
                f"{name} is not a whole number from {low} to {high}.",
                where=name,
                do=f"Leave it out, or write for example {name}={default}.",
            )
        return int(text)


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and media type; `keep` says whether the answer holds as long as the snapshot."""

    status: int
    body: bytes
    media: str = HTML
    headers: tuple[tuple[bytes, bytes], ...] = ()
    keep: bool = True


Handler = Callable[[Ask], Reply]


def json_reply(value: Any, status: int = 200, *, keep: bool = True) -> Reply:
    """Return an answer as JSON."""
    return Reply(status, _encode(value), JSON, keep=keep)


def problem(error: PlaincodeError) -> Reply:
    """Return an error as problem+json with the members that every door gives, and RFC 9457's own."""
    members = {
        "type": "about:blank",
        "title": error.error.replace("_", " "),
        "status": error.http_status,
        "detail": error.what,
    } | error.to_dict()
    return Reply(error.http_status, _encode(members), PROBLEM, keep=False)


def redirect(address: str, status: int = 302) -> Reply:
    """Return a redirect to an address of this site (already percent-encoded)."""
    return Reply(status, b"", "text/plain; charset=utf-8", ((b"location", address.encode()),), keep=False)
