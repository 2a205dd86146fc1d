"""The application: routes, assets, the holder of the running snapshot, put together by plain arguments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

from plaincode import __version__
from plaincode.catalog import Catalog, open_catalog
from plaincode.settings import Settings
from plaincode.web import data, log, pages, rest, results
from plaincode.web.cache import Kept, Shelf
from plaincode.web.front import Endpoint, Front
from plaincode.web.holder import Holder, stamp_of
from plaincode.web.reply import Handler, Reply, Site

__all__ = ["application"]

MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
# The address of an asset holds its digest, so a browser may keep it for good.
FOREVER = ((b"cache-control", b"public, max-age=31536000, immutable"),)
A_DAY = ((b"cache-control", b"public, max-age=86400"),)
PAGES: tuple[tuple[str, Handler], ...] = (
    ("/codes/{system}/{code}", pages.code),
    ("/suggest", results.suggest),
    ("/search", results.search),
    ("/", pages.home),
    ("/codes/{system}/{code}/csv", pages.code_csv),
    ("/browse", pages.browse),
    ("/browse/{system}", pages.browse),
    ("/browse/{system}/{code}", pages.browse),
    ("/families", pages.families),
    ("/families/{slug}", pages.families),
    ("/systems", pages.systems),
    ("/systems/{system}", pages.system),
    ("/data", data.data),
    ("/tables/icd10pcs", pages.tables),
    ("/tables/icd10pcs/{prefix}", pages.tables),
    ("/about", pages.about),
    ("/openapi.json", rest.openapi),
    ("/{code}", pages.bare),
)


def assets() -> tuple[dict[str, Kept], dict[str, str]]:
    """Return the static files by address, and the address of each by name."""
    kept: dict[str, Kept] = {}
    named: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / "static").iterdir()):
        media = MEDIA.get(path.suffix)
        if media is None:
            continue
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:12]
        place = f"/static/{digest}/{path.name}"
        named[path.name] = place
        etag = f'W/"{digest}"'.encode()
        kept[place] = Kept(Reply(200, body, media, FOREVER), etag, "/static")
        if path.name == "icon.svg":
            kept["/favicon.ico"] = Kept(Reply(200, body, media, A_DAY), etag, "/favicon.ico")
        if path.name == "robots.txt":
            kept["/robots.txt"] = Kept(Reply(200, body, media, A_DAY), etag, "/robots.txt")
    return kept, named


class _Router(Router):
    """A router that tells the two addresses of a code, asked for most, apart without a pattern."""

    def __init__(self, routes: list[BaseRoute], default: Endpoint) -> None:
        super().__init__(routes, default=default, redirect_slashes=False)
        tail = "/{system}/{code}"
        self._direct = {
            route.path.removesuffix(tail): route.endpoint
            for route in routes
            if isinstance(route, Route) and route.path in {f"{rest.API}/codes{tail}", f"/codes{tail}"}
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        above, _, code = scope["path"].rpartition("/")
        place, _, system = above.rpartition("/")
        endpoint = self._direct.get(place)
        if endpoint is not None and system and code:
            scope["path_params"] = {"system": system, "code": code}
            await endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _routes(site: Site) -> list[BaseRoute]:
    by_path: dict[str, Endpoint] = {}
    found: list[BaseRoute] = []

    def add(path: str, handler: Handler, methods: tuple[str, ...] = ("GET", "HEAD")) -> None:
        by_path[path] = Endpoint(path, handler, site, methods)
        found.append(Route(path, by_path[path], methods=None))

    table = rest.routes()
    add(table[0][1], table[0][3])
    add(*PAGES[0])
    for method, path, _, handler in table[1:]:
        add(path, handler, ("POST",) if method == "POST" else ("GET", "HEAD"))
    add("/api/{rest:path}", rest.lost)
    for path, page in PAGES[1:]:
        add(path, page)
    return found


def application(
    settings: Settings | None = None,
    *,
    holder: Holder | None = None,
    shelf: Shelf | None = None,
    access: Callable[[str, str, int, float], None] = log.access,
) -> Front:
    """Return the site as an ASGI application that serves the snapshot in use under the settings' home.

    `access` is told of each request: method, route template, status, seconds.
    """
    settings = settings or Settings.read()
    kept, named = assets()
    site = Site(settings.report_url, named["site.css"], named["site.js"], named["icon.svg"])
    # What an answer depends on beside the snapshot: our own version, what pages are made with, settings.
    ours = hashlib.sha256(f"{__version__} {sorted(named.values())} {settings}".encode()).hexdigest()[:8]

    def tag(catalog: Catalog) -> bytes:
        day = settings.today or date.today().isoformat()  # noqa: DTZ011 - editions change on local days
        return f"{catalog.id} {day} {ours}".encode()

    if holder is None:
        pointer = settings.snapshots / "current"
        holder = Holder(
            stamp=lambda: stamp_of(pointer), open=lambda: open_catalog(settings=settings), tag=tag
        )
    return Front(
        holder=holder,
        router=_Router(_routes(site), Endpoint("(none)", pages.lost, site)),
        assets=kept,
        apart={f"{rest.API}/health": rest.health, f"{rest.API}/ready": rest.ready},
        error_page=lambda held, path, error: pages.error_page(site, held, path, error),
        shelf=shelf,
        access=access,
    )
