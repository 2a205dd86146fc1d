"""Templates, and the small repeated pieces of a page that are quicker and clearer in Python.

Templates are compiled once and never looked at again. A piece that a page repeats a hundred times (a
row of a list, a marked title) is an f-string over escaped text: a Jinja macro costs four times as much.
Every piece takes text and returns Markup; nothing here marks a caller's text as safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from plaincode.model import Highlight, Ref, is_grouping
from plaincode.systems import SYSTEMS

__all__ = [
    "Named",
    "address",
    "code_list",
    "environment",
    "label_of",
    "linked_text",
    "marked",
    "name_of",
    "query",
    "status_words",
    "words",
]

HERE = Path(__file__).parent

# What stands beside a title of ours, wherever the title is shown (page.md).
TITLE_STATUS: Mapping[str, str] = {
    "source-checked": "source-checked",
    "ai-agreed": "AI-written; two AI writers agreed; no source read",
}

# The role of a code in a policy, in the words of the page.
ROLES: Mapping[str, str] = {
    "covered": "Covered",
    "covered_if": "Covered if criteria are met",
    "not_covered": "Not covered",
    "investigational": "Investigational",
    "prior_authorization": "Prior authorization",
    "related": "Related only",
    "not_stated": "Role not stated",
}


class Named(Protocol):
    """Anything that a person can be shown by name: Ref, Hit, Shown, CountedRef, SimilarHit."""

    @property
    def system(self) -> str: ...  # noqa: D102
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def display(self) -> str | None: ...  # noqa: D102
    @property
    def title(self) -> str | None: ...  # noqa: D102
    @property
    def title_status(self) -> str | None: ...  # noqa: D102
    @property
    def billable(self) -> bool | None: ...  # noqa: D102
    @property
    def active(self) -> bool | None: ...  # noqa: D102


def environment() -> Environment:
    """Return the templates, compiled, with the pieces that they use."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        cache_size=-1,
    )
    made.globals |= {
        "address": address,
        "code_list": code_list,
        "label_of": label_of,
        "name_of": name_of,
        "status_words": status_words,
    }
    made.globals["grouping"] = is_grouping
    made.filters |= {"role": lambda r: ROLES.get(r, words(r)), "words": words, "count": lambda n: f"{n:,}"}
    return made


def address(system: str, code: str) -> str:
    """Return the stable address of a code's page."""
    return f"/codes/{system}/{quote(code, safe='')}"


def query(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return an address with a query; without pairs the bare path."""
    tail = urlencode(list(pairs))
    return f"{path}?{tail}" if tail else path


def label_of(system: str) -> str:
    """Return what a page calls a code of a system: `CPT4 code`."""
    found = SYSTEMS.get(system)
    return found.label if found else f"{system} code"


def name_of(item: Named) -> str:
    """Return the words to call a code by: the publisher's, else ours, else that there are none."""
    return item.display or item.title or "No words loaded for this number"


def status_words(status: str | None) -> str:
    """Return what a title's status means, in words."""
    return TITLE_STATUS.get(status or "", status or "")


def words(value: Any) -> str:
    """Return an identifier as words: `prior-authorization` -> `Prior authorization`."""
    text = str(value).replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def marked(text: str, highlights: Sequence[Highlight], field: str) -> Markup:
    """Return text with the characters that match the question marked."""
    out: list[str] = []
    at = 0
    for mark in sorted((h for h in highlights if h.field == field), key=lambda h: h.start):
        start, end = max(mark.start, at), min(mark.end, len(text))
        if start >= end:
            continue
        out += (str(escape(text[at:start])), "<mark>", str(escape(text[start:end])), "</mark>")
        at = end
    out.append(str(escape(text[at:])))
    return Markup("".join(out))  # noqa: S704 - every piece was escaped above


def linked_text(text: str, refs: Sequence[Ref]) -> Markup:
    """Return an official note with the codes that it names as links."""
    known = {r.code: r for r in refs}
    if not known:
        return escape(text)
    ordered = sorted(known, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, ordered)) + r")(?![\w])")
    out: list[str] = []
    at = 0
    for found in pattern.finditer(text):
        ref = known[found[1]]
        out += (
            str(escape(text[at : found.start()])),
            f'<a href="{address(ref.system, ref.code)}">{escape(found[1])}</a>',
        )
        at = found.end()
    out.append(str(escape(text[at:])))
    return Markup("".join(out))  # noqa: S704 - every piece was escaped above


def flags(item: Named) -> str:
    """Return the short status tags of a row: header, ended."""
    out = ""
    if item.billable is False and not is_grouping(item.code):
        out += ' <span class="tag">header</span>'
    if item.active is False:
        out += ' <span class="tag tag-ended">ended</span>'
    return out


def title_html(item: Named) -> str:
    """Return a row's words; our own title is followed by its status."""
    if item.display:
        return str(escape(item.display))
    if item.title:
        return f'{escape(item.title)} <span class="quiet">({escape(status_words(item.title_status))})</span>'
    return '<span class="quiet">No words loaded for this number</span>'


def number(code: str) -> str:
    """Return a code as it is printed in a row; a grouping of ours has a name and no number."""
    return "" if is_grouping(code) else f"<code>{escape(code)}</code> "


def code_list(items: Iterable[Named], counts: Mapping[str, int] | None = None, to: str = "/codes/") -> Markup:
    """Return codes as a list of links; `counts` adds how many codes stand below each."""
    rows = []
    for item in items:
        href = f"{to}{item.system}/{quote(item.code, safe='')}"
        below = ""
        if counts is not None and counts.get(item.code):
            below = f' <span class="count">{counts[item.code]:,} below</span>'
        rows.append(
            f'<li><a href="{href}">{number(item.code)}<span>{title_html(item)}</span></a>'
            f"{flags(item)}{below}</li>"
        )
    return Markup('<ul class="codes">' + "".join(rows) + "</ul>")  # noqa: S704 - escaped row by row
