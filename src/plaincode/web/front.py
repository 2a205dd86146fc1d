"""The one piece of ASGI: take the catalog, answer, tag, compress, log. Everything inside is plain values.

Order of work for a request: static file, kept answer, router. A kept answer costs one dictionary
look-up; that, and no middleware stack, is what makes a page cost 0.1 ms.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from plaincode.errors import BadRequest, Failed, PlaincodeError, TooLarge
from plaincode.web import log
from plaincode.web.cache import Kept, Shelf
from plaincode.web.holder import Held, Holder
from plaincode.web.reply import Ask, Handler, Reply, Site, problem

__all__ = ["Endpoint", "Front"]

MAX_BODY = 1_000_000  # bytes; a thousand keys of 100 characters are a tenth of it
MAX_ADDRESS = 16_000  # bytes of path and query; a search may be 10,000 characters long

# 'self' only: no script, style, font or picture from another host, no inline script, no framing.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        CSP.encode(),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
OPEN = (b"access-control-allow-origin", b"*")
_PAGES = (b"cache-control", b"private, no-cache")
_ANSWERS = (b"cache-control", b"public, max-age=60")
_NEVER = (b"cache-control", b"no-store")


def _header(scope: Scope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def accepts_gzip(field: bytes) -> bool:
    """Tell whether an Accept-Encoding field allows gzip.

    >>> accepts_gzip(b"br, gzip"), accepts_gzip(b"gzip;q=0"), accepts_gzip(b"")
    (True, False, False)
    """
    for part in field.lower().split(b","):
        name, _, weight = part.partition(b";")
        if name.strip() in {b"gzip", b"*"}:
            return weight.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return False


def matches(field: bytes, etag: bytes) -> bool:
    """Tell whether an If-None-Match field names a tag; the comparison is the weak one of RFC 9110."""
    if not field:
        return False
    bare = etag.removeprefix(b"W/")
    return any(t.strip() == b"*" or t.strip().removeprefix(b"W/") == bare for t in field.split(b","))


class Endpoint:
    """A handler with its route's template and methods, as the router calls it."""

    def __init__(
        self, route: str, handler: Handler, site: Site, methods: tuple[str, ...] = ("GET", "HEAD")
    ) -> None:
        self.route, self.handler, self.site, self.methods = route, handler, site, methods

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Leave the reply in the scope, for the front to send."""
        work: _Work = scope["plaincode"]
        work.route = self.route
        method = scope["method"]
        if method == "OPTIONS":
            work.reply = Reply(204, b"", headers=self._allow(scope), keep=False)
            return
        if method not in self.methods:
            raise _MethodNotAllowed(self.methods)
        body = await _body(receive) if method == "POST" else b""
        parts = scope.get("path_params", {})
        work.reply = self.handler(
            Ask(work.held.catalog, self.site, scope["path"], parts, scope["query_string"], body)
        )

    def _allow(self, scope: Scope) -> tuple[tuple[bytes, bytes], ...]:
        allowed = ", ".join((*self.methods, "OPTIONS")).encode()
        if scope["path"].startswith("/api/"):
            return ((b"allow", allowed), (b"access-control-allow-methods", b"GET, HEAD"))
        return ((b"allow", allowed),)


class _MethodNotAllowed(BadRequest):
    http_status = 405

    def __init__(self, methods: tuple[str, ...]) -> None:
        allowed = ", ".join(methods)
        super().__init__(f"This address answers {allowed} only.", do=f"Use {methods[0]}.")
        self.allowed = allowed


class _Work:
    __slots__ = ("held", "reply", "route")

    def __init__(self, held: Held) -> None:
        self.held = held
        self.route = "(none)"
        self.reply: Reply | None = None


async def _body(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request ended before its body was whole.")
        piece = message.get("body", b"")
        size += len(piece)
        if size > MAX_BODY:
            raise TooLarge(
                f"The body is longer than {MAX_BODY:,} bytes.", do="Send at most 1,000 keys at a time."
            )
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


class Front:
    """The site as an ASGI application."""

    def __init__(
        self,
        *,
        holder: Holder,
        router: Router,
        assets: Mapping[str, Kept],
        apart: Mapping[str, Callable[[Held | None, PlaincodeError | None], Reply]],
        error_page: Callable[[Held | None, str, PlaincodeError], Reply],
        shelf: Shelf | None = None,
        access: Callable[[str, str, int, float], None] = log.access,
    ) -> None:
        self.holder, self.router, self.assets, self.apart = holder, router, assets, apart
        self.error_page = error_page
        self.shelf = Shelf() if shelf is None else shelf
        self.access = access
        holder.swapped = self.shelf.clear

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or start and stop with the server."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:  # open now, so that the first visitor does not wait; without a catalog pages say so
                    self.holder.give_back(await self.holder.take())
                except PlaincodeError as error:
                    log.note(str(error))
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.holder.close()
                if isinstance(self.access, log.AccessLog):
                    # Now: afterwards uvicorn raises the signal that stopped it again, and nothing else runs.
                    self.access.flush()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        path: str = scope["path"]
        asset = self.assets.get(path)
        if asset is not None and scope["method"] in {"GET", "HEAD"}:
            status = await self._send(scope, send, asset, asset.reply.headers)
            self.access(scope["method"], asset.route, status, time.perf_counter() - start)
            return
        held: Held | None = None
        try:
            try:
                held = await self.holder.take()
            except PlaincodeError as error:
                aside = self.apart.get(path)
                reply = aside(None, error) if aside else self._failed(None, path, error)
                kept = Kept(reply, b"", path if aside else "(no catalog)")
            else:
                kept = await self._answer(scope, receive, held)
            api = path.startswith("/api/") or path == "/openapi.json"
            status = await self._send(scope, send, kept, self._headers(kept.reply, api=api))
            self.access(scope["method"], kept.route, status, time.perf_counter() - start)
        finally:
            if held is not None:
                self.holder.give_back(held)

    async def _answer(self, scope: Scope, receive: Receive, held: Held) -> Kept:
        path: str = scope["path"]
        aside = self.apart.get(path)
        if aside is not None:
            return Kept(aside(held, None), b"", path)
        address = scope.get("raw_path") or path.encode()
        if scope["query_string"]:
            address = address + b"?" + scope["query_string"]
        reads = scope["method"] in {"GET", "HEAD"}
        # The tag is asked for here and not later: a request answers from one snapshot throughout.
        key = held.tag + b" " + address
        kept = self.shelf.get(key) if reads else None
        if kept is not None:
            return kept
        work = _Work(held)
        scope["plaincode"] = work
        try:
            if len(address) > MAX_ADDRESS:
                raise TooLarge("The address is too long.", do="Ask for less at a time.")
            await self.router(scope, receive, _no_send)
            reply = work.reply or self._failed(held, path, Failed("Nothing answered."))
        except PlaincodeError as error:
            reply = self._failed(held, path, error)
        except Exception as error:  # noqa: BLE001 - the last stand: logged by place, answered without a traceback
            log.failure(work.route, error)
            reply = self._failed(held, path, Failed("Something went wrong here.", do="Try again later."))
        if not reads or not reply.keep or reply.status not in {200, 300}:
            return Kept(reply, b"", work.route)
        etag = b'W/"' + hashlib.blake2b(key, digest_size=12).hexdigest().encode() + b'"'
        kept = Kept(reply, etag, work.route)
        # The tag may have moved on (a swap while the body was read): then nobody would ever find it.
        if not held.retired:
            self.shelf.put(key, kept)
        return kept

    def _failed(self, held: Held | None, path: str, error: PlaincodeError) -> Reply:
        headers: tuple[tuple[bytes, bytes], ...] = ()
        if isinstance(error, _MethodNotAllowed):
            headers = ((b"allow", error.allowed.encode()),)
        if error.http_status == 503:
            headers = ((b"retry-after", b"5"),)
        if path.startswith("/api/") or path in {"/openapi.json", "/suggest"}:
            reply = problem(error)
        else:
            try:
                reply = self.error_page(held, path, error)
            except Exception as second:  # noqa: BLE001 - a page about an error must not fail again
                log.failure("error page", second)
                reply = problem(error)
        return Reply(reply.status, reply.body, reply.media, headers, keep=False)

    @staticmethod
    def _headers(reply: Reply, *, api: bool) -> tuple[tuple[bytes, bytes], ...]:
        if not reply.keep:
            policy = _NEVER
        elif api:
            policy = _ANSWERS
        else:
            policy = _PAGES
        return (*reply.headers, policy, OPEN) if api else (*reply.headers, policy)

    @staticmethod
    async def _send(scope: Scope, send: Send, kept: Kept, extra: tuple[tuple[bytes, bytes], ...]) -> int:
        reply = kept.reply
        headers: list[tuple[bytes, bytes]] = [*SECURITY, *extra]
        status, body = reply.status, reply.body
        if kept.etag:
            headers.append((b"etag", kept.etag))
        compressible = kept.compressible
        if compressible:
            headers.append((b"vary", b"accept-encoding"))
        if kept.etag and matches(_header(scope, b"if-none-match"), kept.etag):
            status, body = 304, b""
        elif status not in {204, 304}:
            headers.append((b"content-type", reply.media.encode()))
            if compressible and accepts_gzip(_header(scope, b"accept-encoding")):
                body = kept.packed()
                headers.append((b"content-encoding", b"gzip"))
            headers.append((b"content-length", str(len(body)).encode()))
        start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return status


async def _no_send(_: Any) -> None:
    raise RuntimeError("handlers return replies and send nothing")
