"""Codes like another: the ways to be like it, and what differs, read out of stated facts.

Nothing is stored: candidates come from the hierarchy, from our families and from shared words; reasons
and differences are derived on reading. Pure functions of concepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plaincode.model import Concept

__all__ = ["by_axes", "by_words", "nearest_siblings"]

_LONGEST = 14


def nearest_siblings(concept: Concept, siblings: Sequence[Concept], limit: int) -> list[Concept]:
    """Return up to `limit` siblings, those that differ in the least first, ended ones last.

    `siblings` are in code order and may hold the concept itself.
    """
    codes = [s.code for s in siblings]
    at = next((i for i, code in enumerate(codes) if code >= concept.code), len(codes))
    window = siblings[max(0, at - 3 * limit) : at + 3 * limit + 1]
    own = frozenset(concept.name.lower().split())
    apart = dict(concept.sets_apart)

    def distance(other: Concept) -> tuple[bool, int, int, str]:
        ended = other.active is False
        if apart and other.sets_apart:
            theirs = dict(other.sets_apart)
            axes = sum(apart.get(a) != theirs.get(a) for a in apart.keys() | theirs.keys())
            return ended, axes, 0, other.code
        words = len(own ^ frozenset(other.name.lower().split()))
        return ended, words, abs(codes.index(other.code) - at), other.code

    others = [s for s in window if s.code != concept.code]
    return sorted(others, key=distance)[:limit]


def by_axes(concept: Concept, other: Concept) -> str | None:
    """Return how two ICD-10-PCS codes differ, axis by axis, from their stated axis words."""
    mine, theirs = concept.facts.get("axes"), other.facts.get("axes")
    if not mine or not theirs or len(mine) != len(theirs):
        return None
    parts = [f"{b} instead of {a}" for a, b in zip(mine, theirs, strict=True) if a != b and a and b]
    return "; ".join(parts) or None


def by_words(concept: Concept, other: Concept) -> str | None:
    """Return how two titles differ, where one run of words does; None where more than that differs.

    The words are the publisher's own: `other` says them where `concept` says something else.
    """
    if not concept.display or not other.display:
        return None
    mine, theirs = concept.display.split(), other.display.split()
    if mine == theirs:
        return None
    start = _shared(mine, theirs)
    end = _shared(mine[start:][::-1], theirs[start:][::-1])
    a = " ".join(mine[start : len(mine) - end]).strip(" ,")
    b = " ".join(theirs[start : len(theirs) - end]).strip(" ,")
    shared = start + end
    if shared == 0 or max(len(a.split()), len(b.split())) > _LONGEST:
        return None
    if a and b:
        return f"“{b}” instead of “{a}”"
    if b:
        return f"its title adds “{b}”"
    return f"its title leaves out “{a}”" if a else None


def _shared(a: Sequence[str], b: Sequence[str]) -> int:
    pairs: Iterable[tuple[str, str]] = zip(a, b, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))
