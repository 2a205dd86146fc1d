"""The data page: every release, its files and digests, what was withheld, and the holes that are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from plaincode.systems import SYSTEMS
from plaincode.web.pages import page
from plaincode.web.render import words
from plaincode.web.reply import Ask, Reply

__all__ = ["data"]

MOST_PROBLEMS = 300  # rows; the count above the table is always the whole one


def _release(found: Mapping[str, Any], number: int) -> dict[str, Any]:
    system = SYSTEMS.get(found["system"])
    kind = {"edition": "An edition", "number-list": "A list of numbers, not an edition"}.get(
        found["kind"], "Our own content"
    )
    parts = [kind]
    if found.get("effective"):
        until = f" to {found['until']}" if found.get("until") else ""
        parts.append(f"in effect from {found['effective']}{until}")
    if found.get("published"):
        parts.append(f"published {found['published']}")
    parts.append(f"{found['count']:,} codes")
    if found.get("billable"):
        parts.append(f"{found['billable']:,} billable")
    name = system.name if system else found["system"]
    slug = re.sub(r"[^a-z0-9]+", "-", f"{found['system']}-{found['label']}".lower()).strip("-")
    return {
        "anchor": f"release-{slug}-{number}",
        "system_name": name,
        "label": found["label"],
        "line": f"{', '.join(parts)}. Read from {found['source']}.",
        "notes": found.get("notes") or [],
        "files": found.get("files") or [],
    }


def _problem(found: Mapping[str, Any]) -> dict[str, str]:
    place = [str(found["file"])]
    if found.get("line") is not None:
        place.append(f"line {found['line']}")
    if found.get("column"):
        place.append(f"column {found['column']}")
    return {
        "where": ", ".join(place),
        "what": str(found["what"]),
        "done": "kept with a warning" if found.get("kept") else "withheld",
    }


def data(ask: Ask) -> Reply:
    """Show what the snapshot says of itself."""
    held = ask.catalog.data()
    problems = held.get("problems") or []
    facts = [
        ("Snapshot", ask.catalog.id),
        ("Built", held.get("built") or "in memory"),
        ("Made by", f"plaincode {held['plaincode']}" if held.get("plaincode") else "in memory"),
        ("Digest of its content", held.get("content") or "none"),
        ("Digest of what it was made from", held.get("inputs") or "none"),
    ]
    files = held.get("files") or {}
    return page(
        ask.site,
        "data.html",
        facts=facts,
        holes=[*(held.get("holes") or ()), *(f"Not recognised: {n}" for n in held.get("unrecognised") or ())],
        releases=[_release(r, n) for n, r in enumerate(held.get("releases") or (), 1)],
        files=sorted(files.items()),
        problem_counts=[(words(k), f"{n:,}") for k, n in (held.get("problem_counts") or {}).items()],
        problems=[_problem(p) for p in problems[:MOST_PROBLEMS]],
        more_problems=max(0, len(problems) - MOST_PROBLEMS),
    )
