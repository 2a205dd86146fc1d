"""The repeated pieces of a page, made in Python: rows of codes, notes, facts, marked titles.

A piece that a page repeats a hundred times is an f-string over escaped text: Jinja escapes and joins
value by value and takes six times as long (measured: 1.0 ms a page against 0.16 ms). Every function
takes text, escapes it here, and returns Markup; none marks a caller's text as safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from plaincode.model import Highlight, NoteRef, Ref, SimilarHit, is_grouping
from plaincode.web.render import Named, address, escape, label_of, name_of, segment, status_words

__all__ = [
    "browse_list",
    "code_list",
    "crumbs",
    "definitions",
    "flags",
    "linked",
    "marked",
    "note_lists",
    "number",
    "safe",
    "similar_list",
    "title_html",
]

# What may be a code within a note; looked up among the codes that the note names.
_TOKEN = re.compile(r"[A-Z0-9][A-Z0-9.]*[A-Z0-9]")


def safe(pieces: Iterable[str]) -> Markup:
    """Join pieces whose texts were escaped where they were made."""
    return Markup("".join(pieces))  # noqa: S704 - the one place; callers escape piece by piece


def marked(text: str, highlights: Sequence[Highlight], field: str) -> str:
    """Return escaped text with the characters that match the question marked."""
    out: list[str] = []
    at = 0
    for mark in sorted((h for h in highlights if h.field == field), key=lambda h: h.start):
        start, end = max(mark.start, at), min(mark.end, len(text))
        if start < end:
            out += (escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>")
            at = end
    out.append(escape(text[at:]))
    return "".join(out)


def linked(text: str, refs: Sequence[Ref]) -> str:
    """Return an escaped official note with the codes that it names as links."""
    escaped = escape(text)
    if not refs:
        return escaped
    known = {r.code: r for r in refs}

    def link(found: re.Match[str]) -> str:
        ref = known.get(found[0])
        return f'<a href="{address(ref.system, ref.code)}">{found[0]}</a>' if ref else found[0]

    return _TOKEN.sub(link, escaped)


def flags(item: Named) -> str:
    """Return the short status tags of a row: header, ended."""
    out = ""
    if item.billable is False and not is_grouping(item.code):
        out += ' <span class="tag">header</span>'
    if item.active is False:
        out += ' <span class="tag tag-ended">ended</span>'
    return out


def number(code: str) -> str:
    """Return a code as it is printed in a row; a grouping of ours has a name and no number."""
    return "" if is_grouping(code) else f"<code>{escape(code)}</code> "


def _own(item: Named) -> str:
    """Return the status of a title of ours, which never stands without it."""
    if item.display or not item.title:
        return ""
    return f' <span class="quiet">({escape(status_words(item.title_status))})</span>'


def title_html(item: Named) -> str:
    """Return a row's words; our own title is followed by its status."""
    if not item.display and not item.title:
        return '<span class="quiet">No words loaded for this number</span>'
    return escape(name_of(item)) + _own(item)


def code_list(items: Iterable[Named]) -> Markup:
    """Return codes as a list of links to their pages."""
    rows = (
        f'<li><a href="{address(i.system, i.code)}">{number(i.code)}<span>{title_html(i)}</span></a>'
        f"{flags(i)}</li>"
        for i in items
    )
    return safe(('<ul class="codes">', *rows, "</ul>"))


def browse_list(items: Iterable[tuple[Named, int]]) -> Markup:
    """Return codes with the count below each: one with codes below leads on, a leaf to its page."""
    rows = []
    for item, below in items:
        to = "browse" if below else "codes"
        count = f' <span class="count">{below:,} below</span>' if below else ""
        rows.append(
            f'<li><a href="/{to}/{item.system}/{segment(item.code)}">{number(item.code)}'
            f"<span>{title_html(item)}</span></a>{flags(item)}{count}</li>"
        )
    return safe(('<ul class="codes">', *rows, "</ul>"))


def similar_list(hits: Sequence[SimilarHit], system: str) -> Markup:
    """Return similar codes with the difference first and then the reasons."""
    rows = []
    for hit in hits:
        other = f' <span class="tag">{escape(label_of(hit.system))}</span>' if hit.system != system else ""
        said = hit.difference
        difference = f"<strong>{escape(said[:1].upper() + said[1:].rstrip('.'))}.</strong> " if said else ""
        rows.append(
            f'<li><a href="{address(hit.system, hit.code)}">{number(hit.code)}'
            f"<span>{title_html(hit)}</span></a>{other}{flags(hit)}"
            f'<p>{difference}<span class="quiet">{escape("; ".join(hit.reasons))}</span></p></li>'
        )
    return safe(('<ul class="alike">', *rows, "</ul>"))


def crumbs(path: Sequence[Ref]) -> Markup:
    """Return the codes above one as items of a breadcrumb."""
    rows = []
    for ref in path:
        name = name_of(ref)
        short = name if len(name) <= 46 else name[:44].rsplit(" ", 1)[0] + "…"
        rows.append(
            f'<li><a href="{address(ref.system, ref.code)}" title="{escape(name)}">'
            f"{number(ref.code)}{escape(short)}</a></li>"
        )
    return safe(rows)


def definitions(rows: Iterable[tuple[str, str]]) -> Markup:
    """Return (name, value) pairs as the items of a definition list."""
    return safe(f"<div><dt>{escape(n)}</dt><dd>{escape(v)}</dd></div>" for n, v in rows)


def note_lists(notes: Sequence[NoteRef], headings: Mapping[str, str], other: str = "h3") -> Markup:
    """Return notes by kind, each kind with its heading, in the order of `headings`."""
    by_kind: dict[str, list[str]] = {}
    for note in notes:
        by_kind.setdefault(note.kind, []).append(f"<li>{linked(note.text, note.codes)}</li>")
    out = []
    for kind in (*headings, *(k for k in by_kind if k not in headings)):
        if kind in by_kind:
            heading = escape(headings.get(kind, kind))
            out.append(f"<{other}>{heading}</{other}><ul>{''.join(by_kind[kind])}</ul>")
    return safe(out)
