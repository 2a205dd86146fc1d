"""A guide's sections as HTML: paragraphs, lists, steps, groups, and a care card round urgent signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from plaincode.model import Block, Guide, Section
from plaincode.web.lists import safe
from plaincode.web.render import escape

__all__ = ["guide_block", "section_html"]

_STRONG = re.compile(r"\*\*(.+?)\*\*")
# A group that names one of these numbers tells somebody to call for help now (page.md).
_URGENT = ("911", "988", "1-800-222-1222")
_LISTS = {"list": "ul", "steps": "ol"}


def rich(text: str) -> str:
    """Return escaped text with its strong words."""
    escaped = escape(text)
    return _STRONG.sub(r"<strong>\1</strong>", escaped) if "**" in escaped else escaped


def _one(block: Block) -> str:
    if block.kind == "heading":
        return f"<h4>{rich(block.text)}</h4>"
    tag = _LISTS.get(block.kind)
    if tag is None:
        return f"<p>{rich(block.text)}</p>"
    return f"<{tag}>" + "".join(f"<li>{rich(i)}</li>" for i in block.items) + f"</{tag}>"


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Return blocks in runs that each begin with a heading, save perhaps the first."""
    runs: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind == "heading" and runs[-1]:
            runs.append([])
        runs[-1].append(block)
    return [run for run in runs if run]


def _urgent(run: Sequence[Block]) -> bool:
    return any(sign in text for b in run for text in (b.text, *b.items) for sign in _URGENT)


def section_html(section: Section) -> Markup:
    """Return the body of a section; the group that names an emergency number is set apart."""
    blocks = section.blocks
    if not blocks:
        text = [Block("paragraph", t) for t in section.text.split("\n\n") if t]
        blocks = (*text, *((Block("list", items=section.items),) if section.items else ()))
    out = []
    for run in _groups(blocks):
        body = "".join(_one(b) for b in run)
        out.append(f'<div class="urgent">{body}</div>' if _urgent(run) else body)
    return safe(out)


def guide_block(guide: Guide) -> dict[str, Any]:
    """Return what the guide's part of the page shows: sections with anchors, and who is cited where."""
    # Numbered as a reader meets them; what is never cited stands last.
    met = dict.fromkeys(i for s in guide.sections for i in s.sources)
    rank = {source: n for n, source in enumerate(met)}
    sources = sorted(guide.sources, key=lambda s: rank.get(s.id, len(rank)))
    cites = {
        s.id: f'<a href="#source-{s.id}" title="{escape(s.title)}" '
        f'aria-label="{n}: {escape(s.title)}">{n}</a>'
        for n, s in enumerate(sources, 1)
    }
    out = []
    for s in guide.sections:
        # A source is an id of the guide's own list, or words that say what kind of ground it is.
        cited = ", ".join(cites.get(i) or escape(i) for i in s.sources)
        line = f'<p class="cited">Sources: {cited}</p>' if cited else ""
        out.append(
            f'<section class="guide-section" id="guide-{s.key}" aria-labelledby="h-{s.key}">'
            f'<h3 id="h-{s.key}">{escape(s.heading)}</h3>{section_html(s)}{line}</section>'
        )
    return {"guide": guide, "guide_sections": safe(out), "grade": guide.grade, "sources": sources}
