"""Search for people: the page of results, and the same search for the box as you type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from plaincode.model import Hit, Key, SearchResult, is_grouping
from plaincode.systems import SYSTEMS
from plaincode.verbs import parse, verb
from plaincode.web.codepage import notices
from plaincode.web.lists import flags, marked, safe
from plaincode.web.pages import page
from plaincode.web.render import address, escape, label_of, query, status_words, words
from plaincode.web.reply import Ask, Reply, json_reply

__all__ = ["search", "suggest"]

PAGE = 20
SUGGESTIONS = 8
FACETS = (
    ("system", "Code system"),
    ("kind", "Kind"),
    ("billable", "Billable"),
    ("chapter", "Chapter"),
    ("family", "Family"),
)
STATES = {"true": "Billable codes", "false": "Headers", "unknown": "Not known whether billable"}
ONLY = {"active": "Codes still in use"}
_BILLABLE = next(p for p in verb("search").params if p.name == "billable")


def _flag(ask: Ask, name: str) -> bool | None:
    return True if ask.one(name).lower() in {"1", "true", "on", "yes"} else None


def _find(ask: Ask, limit: int, at: int) -> SearchResult:
    return ask.catalog.search(
        ask.one("q"),
        system=ask.many("system"),
        kind=ask.many("kind"),
        billable=parse(_BILLABLE, [ask.one("billable")]) if ask.one("billable") else None,
        active=_flag(ask, "active"),
        chapter=ask.one("chapter") or None,
        family=ask.one("family") or None,
        limit=limit,
        page=at,
    )


def search(ask: Ask) -> Reply:
    """Show the results of a search with facets, paging and the reason for each."""
    asked = ask.one("q")
    if not asked.strip():
        return page(ask.site, "search.html", q="", result=None)
    at = ask.number("page", 1, 1, 100_000)
    result = _find(ask, PAGE, at)
    pages = max(1, -(-result.total // PAGE))
    pairs = [(k, v) for k, vs in ask.query.items() if k in _KNOWN for v in vs if v]
    shown_systems = {h.system for h in result.hits}
    chosen = {k for k, _ in pairs}
    return page(
        ask.site,
        "search.html",
        q=asked,
        result=result,
        pages=pages,
        rows=_hit_rows(result.hits),
        first=(at - 1) * PAGE + 1,
        facets=_facets(ask, result, pairs),
        toggles=[
            _toggle(pairs, name, label) for name, label in ONLY.items() if result.total or name in chosen
        ],
        chosen=_chosen(pairs),
        mean_address=query("/search", [("q", result.did_you_mean or "")]),
        previous=query("/search", [*pairs, ("page", str(at - 1))]) if at > 1 else None,
        following=query("/search", [*pairs, ("page", str(at + 1))]) if at < pages else None,
        notices=notices(shown_systems),
    )


_ONE = frozenset({"chapter", "billable", "family"})  # facets of which one value is asked for at a time
_KNOWN = frozenset({"q", "system", "kind", "billable", "active", "chapter", "family"})


def _value_label(name: str, value: str) -> str:
    if name == "system":
        known = SYSTEMS.get(value)
        return known.name if known else value
    if name == "billable":
        return STATES.get(value.lower(), value)
    if name in ONLY:
        return ONLY[name]
    return words(value) if name == "kind" else value


def _chapter(ask: Ask, result: SearchResult, value: str) -> str:
    """Return the name of a chapter, from the first system of the results that has it."""
    for system in result.facets.get("system", ()):
        found = ask.catalog.get(Key(system.value, value))
        if found is not None:
            return found.name
    return words(value)


def _named(ask: Ask, result: SearchResult, facet: str, value: str) -> str:
    """Return what a facet value is called."""
    if facet == "chapter":
        return _chapter(ask, result, value)
    return ask.catalog.family_name(value) if facet == "family" else _value_label(facet, value)


def _facets(ask: Ask, result: SearchResult, pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    out = []
    for name, heading in FACETS:
        values = []
        for found in result.facets.get(name, ())[:12]:
            chosen = (name, found.value) in pairs
            rest = [p for p in pairs if p != (name, found.value) and not (name == p[0] and name in _ONE)]
            values.append(
                {
                    "label": _named(ask, result, name, found.value),
                    "count": found.count,
                    "chosen": chosen,
                    "address": query("/search", rest if chosen else [*rest, (name, found.value)]),
                }
            )
        if values:
            out.append({"name": name, "heading": heading, "values": values})
    return out


def _toggle(pairs: list[tuple[str, str]], name: str, label: str) -> dict[str, Any]:
    chosen = any(k == name for k, _ in pairs)
    rest = [p for p in pairs if p[0] != name]
    return {
        "label": label,
        "chosen": chosen,
        "address": query("/search", rest if chosen else [*rest, (name, "true")]),
    }


def _chosen(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {
            "label": _value_label(name, value),
            "address": query("/search", [p for p in pairs if p != (name, value)]),
        }
        for name, value in pairs
        if name != "q"
    ]


def _number(hit: Hit) -> str:
    if is_grouping(hit.code):
        return '<span class="tag">grouping</span>'
    return f"<code>{marked(hit.code, hit.highlights, 'code')}</code>"


def _hit_rows(hits: Iterable[Hit]) -> Markup:
    rows = []
    for hit in hits:
        if hit.display:
            text = marked(hit.display, hit.highlights, "display")
        elif hit.title:
            text = marked(hit.title, hit.highlights, "title")
            text += f' <span class="quiet">({escape(status_words(hit.title_status))})</span>'
        else:
            text = '<span class="quiet">No words loaded for this number</span>'
        extra = "".join(f' <span class="tag">with {escape(m.code)}</span>' for m in hit.modifiers)
        rows.append(
            f'<li><a href="{address(hit.system, hit.code)}">'
            f"{_number(hit)} "
            f'<span class="hit-title">{text}</span></a>'
            f'<p class="hit-facts"><span class="system">{escape(label_of(hit.system))}</span>'
            f'{flags(hit)}{extra} <span class="why">{escape("; ".join(hit.why))}</span></p></li>'
        )
    return safe(rows)


def suggest(ask: Ask) -> Reply:
    """Answer the box as you type: the first codes, ready to show."""
    if not ask.one("q").strip():
        return json_reply({"total": 0, "did_you_mean": None, "message": None, "hits": []})
    result = _find(ask, SUGGESTIONS, 1)
    return json_reply(
        {
            "total": result.total,
            "did_you_mean": result.did_you_mean,
            "message": result.message or result.looks_like,
            "hits": [
                {
                    "code": h.code,
                    "label": label_of(h.system),
                    "name": h.display or h.title,
                    "own": bool(h.title and not h.display),
                    "ended": h.active is False,
                    "address": address(h.system, h.code),
                }
                for h in result.hits
            ],
        }
    )
