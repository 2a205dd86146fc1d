"""The pages for people: home, search, a code, browse, systems, data, tables, about, and errors.

Each is a plain function of an Ask. Search answers a person who has no JavaScript; `/suggest` is the
same search for the box as you type.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from plaincode.errors import NotFound, PlaincodeError
from plaincode.model import Choices, Key, Ref, Shown, is_grouping
from plaincode.systems import SYSTEMS, by_name
from plaincode.web.codepage import AXES, code_context, edition_line, notices
from plaincode.web.holder import Held
from plaincode.web.lists import browse_list, code_list
from plaincode.web.render import address, environment, name_of
from plaincode.web.reply import HTML, Ask, Reply, Site, redirect

if TYPE_CHECKING:
    from plaincode.catalog import Catalog

__all__ = [
    "about",
    "bare",
    "browse",
    "code",
    "code_csv",
    "error_page",
    "home",
    "lost",
    "page",
    "system",
    "systems",
    "tables",
]

BROWSE_PAGE = 250
EXAMPLES = ("epidural injection", "type 2 diabetes", "62282", "E11.9", "broken wrist", "0DTJ4ZZ", "99213-25")
_templates = environment()
_templates.globals["code_list"] = code_list


def page(site: Site, template: str, status: int = 200, *, keep: bool = True, **context: Any) -> Reply:
    """Render a template as a reply."""
    text = _templates.get_template(template).render(site=site, **context)
    return Reply(status, text.encode(), HTML, keep=keep)


# ---------------------------------------------------------------- home


def home(ask: Ask) -> Reply:
    """Show the box, examples and the code systems."""
    held = ask.catalog.systems().systems
    tiles = [{"id": s.id, "name": s.name, "count": s.count, "edition": edition_line(s.release)} for s in held]
    return page(ask.site, "home.html", examples=EXAMPLES, systems=tiles, notices=notices(["cpt4"]))


# ---------------------------------------------------------------- a code


def _choices_page(ask: Ask, asked: str, found: Choices) -> Reply:
    return page(
        ask.site,
        "choices.html",
        300,
        asked=asked,
        choices=found.choices,
        notices=notices(c.system for c in found.choices),
    )


def _known_system(ask: Ask) -> str:
    text = ask.parts["system"]
    known = by_name(text)
    if known is None:
        raise NotFound(
            f"There is no code system called {text[:60]!r}.", do="The code systems stand at /systems."
        )
    return known.id


def code(ask: Ask) -> Reply:
    """Show the page of one code; another spelling leads to its one address."""
    system_id, text = _known_system(ask), ask.parts["code"]
    on = ask.one("on") or None
    key = f"{system_id}:{text}"
    shown = ask.catalog.show(key, on)
    if isinstance(shown, Choices):
        return _choices_page(ask, text, shown)
    if not shown.modifiers and (shown.system, shown.code) != (ask.parts["system"], text):
        return redirect(_with_query(address(shown.system, shown.code), ask), 308)
    context = code_context(ask.catalog, ask, Key(shown.system, shown.code), shown, on)
    return page(ask.site, "code.html", **context)


def _with_query(path: str, ask: Ask) -> str:
    # The query goes on as it came, percent-encoded as the client sent it.
    return f"{path}?{ask.raw_query.decode('latin-1')}" if ask.raw_query else path


def bare(ask: Ask) -> Reply:
    """Lead from a bare code to its page, or to a choice."""
    text = ask.parts["code"]
    found = ask.catalog.show(text)
    if isinstance(found, Choices):
        return _choices_page(ask, text, found)
    if found.modifiers:
        return redirect(f"/codes/{found.system}/{quote(text, safe='')}")
    return redirect(address(found.system, found.code))


def code_csv(ask: Ask) -> Reply:
    """Give one code as a CSV row with its header."""
    shown = ask.catalog.show(f"{_known_system(ask)}:{ask.parts['code']}", ask.one("on") or None)
    if isinstance(shown, Choices):
        return _choices_page(ask, ask.parts["code"], shown)
    row = csv_row(shown)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(row)
    writer.writerow(row.values())
    name = f"{shown.system}-{quote(shown.code, safe='')}.csv"
    return Reply(
        200,
        out.getvalue().encode(),
        "text/csv; charset=utf-8",
        ((b"content-disposition", f'attachment; filename="{name}"'.encode()),),
    )


def csv_row(shown: Shown) -> dict[str, str]:
    """Return the columns of a code; what is not known is empty, never a guess."""

    def said(value: bool | None) -> str:
        return "" if value is None else str(value).lower()

    return {
        "system": shown.system,
        "code": shown.code,
        "display": shown.display or "",
        "title": shown.title or "",
        "title_status": shown.title_status or "",
        "kind": shown.kind,
        "billable": said(shown.billable),
        "active": said(shown.active),
        "valid_from": shown.valid.get("from") or "",
        "valid_to": shown.valid.get("to") or "",
        "parents": " ".join(r.code for r in shown.parents),
        "replaced_by": " ".join(f"{r.system}:{r.code}" for r in shown.replaced_by),
        "release": shown.release.label,
        "notice": shown.notice or "",
    }


# ---------------------------------------------------------------- browse and systems


def browse(ask: Ask) -> Reply:
    """Show what stands directly below a place of a hierarchy."""
    if "system" not in ask.parts:
        held = ask.catalog.systems().systems
        tiles = [(s, edition_line(s.release)) for s in held]
        return page(ask.site, "browse_systems.html", systems=tiles)
    system_id = _known_system(ask)
    text = ask.parts.get("code")
    ask.catalog.system(system_id)  # raises NotFound for a system that is not loaded
    found = ask.catalog.browse(f"{system_id}:{text}" if text else system_id)
    if isinstance(found, Choices):
        return _choices_page(ask, text or system_id, found)
    at = ask.number("page", 1, 1, 100_000)
    pages = max(1, -(-len(found.children) // BROWSE_PAGE))
    kept = found.children[(at - 1) * BROWSE_PAGE : at * BROWSE_PAGE]
    crumbs: list[tuple[str, str | None]] = [("All systems", "/browse")]
    system_name = SYSTEMS[system_id].name
    crumbs.append((system_name, f"/browse/{system_id}" if text else None))
    here = found.at if text else None
    crumbs += [
        (_short(r), f"/browse{address(r.system, r.code)[6:]}")
        for r in found.path
        if here is None or r.code != here.code
    ]
    heading = system_name
    if here is not None:
        crumbs.append((_short(here), None))
        heading = (
            name_of(here) if is_grouping(here.code) else f"{here.code} {here.display or here.title or ''}"
        )
    return page(
        ask.site,
        "browse.html",
        crumbs=crumbs,
        heading=heading,
        at=here,
        total=len(found.children),
        page=at,
        pages=pages,
        rows=browse_list((c, c.count) for c in kept),
        table="/tables/icd10pcs" if system_id == "icd10pcs" else None,
        notices=notices([system_id]),
    )


def families(ask: Ask) -> Reply:
    """Show a family of our titles: the families below, and its codes side by side, axis by axis."""
    found = ask.catalog.families(ask.parts.get("slug", ""))
    return page(
        ask.site,
        "family.html",
        found=found,
        heading=found.at.name if found.at else "Families of CPT and HCPCS numbers",
        notices=notices(sorted({row.system for row in found.codes})),
    )


def _short(ref: Ref) -> str:
    return name_of(ref) if is_grouping(ref.code) else ref.code


def systems(ask: Ask) -> Reply:
    """Show every code system of the catalog."""
    held = ask.catalog.systems().systems
    return page(ask.site, "systems.html", systems=[(s, edition_line(s.release)) for s in held])


def system(ask: Ask) -> Reply:
    """Show one code system: release, licence, counts, where to get it, how to load it."""
    system_id = _known_system(ask)
    held = ask.catalog.system(system_id)
    return page(
        ask.site,
        "system.html",
        s=held,
        edition=edition_line(held.release),
        table="/tables/icd10pcs" if system_id == "icd10pcs" else None,
        notices=notices([system_id]),
    )


def about(ask: Ask) -> Reply:
    """Say what this is, and under which licences."""
    return page(ask.site, "about.html", systems=ask.catalog.systems().systems)


# ---------------------------------------------------------------- ICD-10-PCS tables


def tables(ask: Ask) -> Reply:
    """Build an ICD-10-PCS code value by value."""
    prefix = ask.parts.get("prefix", "").upper()
    if prefix != ask.parts.get("prefix", ""):
        return redirect(f"/tables/icd10pcs/{quote(prefix, safe='')}", 308)
    found = ask.catalog.table(prefix)
    slots = []
    chosen: list[Mapping[str, Any]] = list(found["chosen"])
    for n in range(7):
        got = chosen[n] if n < len(chosen) else None
        slots.append(
            {
                "value": prefix[n] if n < len(prefix) else None,
                "axis": (got or {}).get("axis") or (found["axis"] if n == len(prefix) else None) or AXES[n],
                "label": (got or {}).get("label"),
                "back": f"/tables/icd10pcs/{prefix[:n]}".rstrip("/") if n < len(prefix) else None,
                "state": "done" if n < len(prefix) else "next" if n == len(prefix) else "later",
            }
        )
    return page(
        ask.site,
        "table.html",
        prefix=prefix,
        slots=slots,
        position=found["position"],
        axis=found["axis"],
        choices=found["values"],
        code=found["code"],
        edition=edition_line(ask.catalog.system("icd10pcs").release),
    )


# ---------------------------------------------------------------- errors


NAMED = {"edition_not_loaded": "No loaded edition answers for that day"}
HEADINGS = {
    400: "That address cannot be answered",
    404: "Not found",
    405: "That is not how this address is used",
    413: "Too much at once",
    503: "No catalog to answer from",
}


def lost(_: Ask) -> Reply:
    """Answer an address that nothing stands at."""
    raise NotFound("There is no page at this address.", do="Search for a code or a word above.")


def error_page(site: Site, held: Held | None, path: str, error: PlaincodeError) -> Reply:
    """Show an error as a page, with suggestions where something is near."""
    more = error.more
    ancestors: list[Ref] = []
    nearest: list[Ref] = []
    found: list[Any] = []
    if held is not None and error.http_status == 404:
        ancestors = _refs(held.catalog, [more.get("ancestor")])
        nearest = [r for r in _refs(held.catalog, more.get("nearest") or ()) if r not in ancestors]
        last = path.rstrip("/").rsplit("/", 1)[-1]
        if last and not nearest and not more.get("looks_like"):
            hits = held.catalog.search(last[:100].replace("-", " "), limit=8).hits
            found = [h for h in hits if not is_grouping(h.code)][:5]
    return page(
        site,
        "error.html",
        error.http_status,
        keep=False,
        heading=NAMED.get(error.error) or HEADINGS.get(error.http_status, "Something went wrong"),
        error=error,
        ancestors=ancestors,
        nearest=nearest,
        found=found,
        notices=notices(r.system for r in (*ancestors, *nearest, *found)),
    )


def _refs(catalog: Catalog, keys: Iterable[Any]) -> list[Ref]:
    """Return the codes that an error names by key, as far as they are keys."""
    pairs = (str(key).partition(":") for key in keys if key)
    return [catalog.ref(Key(system, code)) for system, colon, code in pairs if colon]
