"""All written guides of the content folder, checked without a catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from plaincode.content import Known, paths
from plaincode.errors import ContentError
from plaincode.guides.check import check
from plaincode.guides.read import GuideFile, read
from plaincode.model import Key

__all__ = ["faults", "files"]


def files(root: Path, known: Known) -> Iterator[GuideFile]:
    """Yield every guide of a folder, by name; raise ContentError where two are about the same code."""
    seen: dict[Key, str] = {}
    for name, path in paths(root):
        guide = read(path, known, name=f"guides/{name}")
        for key in guide.keys:
            if key in seen:
                raise ContentError(f"{key} has two guides.", where=f"{seen[key]} and {guide.name}")
            seen[key] = guide.name
        yield guide


def faults(
    root: Path,
    known: Known | None = None,
    *,
    sets_apart: Mapping[Key, Sequence[tuple[str, str]]] | None = None,
    terms: Mapping[Key, Sequence[str]] | None = None,
) -> list[str]:
    """Check every guide of the content folder; return each fault as one line with its place.

    Without `known` every single code is taken as it is, and a range stands for its two ends.
    """
    found = []
    for guide in files(root / "guides", known or _as_written):
        for problem in check(guide, sets_apart=sets_apart, terms=terms):
            place = f", line {problem.line}" if problem.line else ""
            of = f" ({problem.column})" if problem.column else ""
            found.append(f"{problem.file}{place}{of}: {problem.what}")
    return found


def _as_written(system: str, first: str, last: str) -> list[str]:  # noqa: ARG001 - the shape of Known
    return [first] if first == last else [first, last]
