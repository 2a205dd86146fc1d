"""Codes like another: the ways to be like it, and what differs, read out of stated facts.

Nothing is stored: candidates come from the hierarchy, from our families and from shared words; reasons
and differences are derived on reading. Pure functions of concepts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter

from plaincode.model import Concept

__all__ = ["by_axes", "by_words", "nearest_siblings"]

_LONGEST = 18  # words; what differs in more is told by the titles themselves
_SHORT = 8  # titles of so few words may differ in all of them
_INNER = 2
_EDGE = " ,;"
_WITH = frozenset(["with", "without"])
_LINKS = _WITH | {"of", "in", "on", "to", "by", "or", "and", "for", "from", "as", "at", "per", "into", "than"}
_LINKS |= {"the", "a", "an", "not", "is", "was", "due", "other", "unspecified", "left", "right", "bilateral"}
Run = tuple[int, int, int, int]


def nearest_siblings(concept: Concept, siblings: Sequence[Concept], limit: int) -> list[Concept]:
    """Return up to `limit` siblings, those that differ in the least first, ended ones last.

    `siblings` are in code order and may hold the concept itself.
    """
    at = bisect_left(siblings, concept.code, key=lambda s: s.code)
    first = max(0, at - 3 * limit)
    own = set(concept.name.lower().split())
    apart = dict(concept.sets_apart)
    ranked: list[tuple[bool, int, int, str, Concept]] = []
    for place, other in enumerate(siblings[first : at + 3 * limit + 1], first):
        if other.code == concept.code:
            continue
        if apart and other.sets_apart:
            theirs = dict(other.sets_apart)
            axes = sum(apart.get(a) != theirs.get(a) for a in apart.keys() | theirs.keys())
            ranked.append((other.active is False, axes, 0, other.code, other))
        else:
            words = len(own.symmetric_difference(other.name.lower().split()))
            ranked.append((other.active is False, words, abs(place - at), other.code, other))
    return [other for *_, other in sorted(ranked, key=itemgetter(0, 1, 2, 3))[:limit]]


def by_axes(concept: Concept, other: Concept) -> str | None:
    """Return how two ICD-10-PCS codes differ, axis by axis, from their stated axis words."""
    mine, theirs = concept.facts.get("axes"), other.facts.get("axes")
    if not mine or not theirs or len(mine) != len(theirs):
        return None
    parts = [f"{b} instead of {a}" for a, b in zip(mine, theirs, strict=True) if a != b and a and b]
    return "; ".join(parts) or None


def by_words(concept: Concept, other: Concept) -> str | None:
    """Return how two titles differ, run of words by run of words; None where they hardly share any.

    The words are the titles' own (both the publisher's, or both ours): `other` says them where `concept`
    says something else. Runs are widened to where they can be read ("with kidney complications instead of
    without complications", not "with kidney instead of without").
    """
    if concept.display and other.display:
        (mine, mine_low), (theirs, theirs_low) = _words(concept.display), _words(other.display)
    elif concept.title and other.title and not (concept.display or other.display):
        (mine, mine_low), (theirs, theirs_low) = _words(concept.title), _words(other.title)
    else:
        return None
    if mine_low == theirs_low:
        return None
    runs = _widened(_runs(mine_low, theirs_low), mine_low, theirs_low)
    differing = max(sum(j - i for i, j, _, _ in runs), sum(n - m for _, _, m, n in runs))
    alike = differing < max(len(mine), len(theirs)) or max(len(mine), len(theirs)) <= _SHORT
    if differing > _LONGEST or not alike:
        return None
    said = [
        text
        for i, j, m, n in runs
        if (text := _said(" ".join(mine[i:j]).strip(_EDGE), " ".join(theirs[m:n]).strip(_EDGE)))
    ]
    return "; ".join(said) or None


@lru_cache(maxsize=32)
def _words(title: str) -> tuple[list[str], list[str]]:
    """Return the words of a title, and the same without case and edges; one code is held against many."""
    words = title.split()
    return words, [w.lower().strip(_EDGE) for w in words]


def _said(mine: str, theirs: str) -> str:
    if mine and theirs:
        return f"“{theirs}” instead of “{mine}”"
    if theirs:
        return f"its title adds “{theirs}”"
    return f"its title leaves out “{mine}”" if mine else ""


def _runs(mine: Sequence[str], theirs: Sequence[str]) -> list[Run]:
    """Return the runs (from, to; from, to) in which two lists of words differ: one or two.

    What both begin and end with is shared; so is the longest run within, where it has two words or more.
    """
    start = _shared(mine, theirs)
    end = min(_shared(mine[::-1], theirs[::-1]), len(mine) - start, len(theirs) - start)
    a, b = len(mine) - end, len(theirs) - end
    best = (0, 0, 0)
    inner = theirs[start:b]
    if a - start > 1 and b - start > 1 and not set(inner).isdisjoint(mine[start:a]):
        for i in range(start, a):
            if mine[i] in inner:
                for j in range(start, b):
                    if mine[i] == theirs[j]:
                        size = _shared(mine[i:a], theirs[j:b])
                        if size > best[0]:
                            best = (size, i, j)
    size, i, j = best
    whole = (start, a, start, b)
    if size < _INNER:
        return [whole]
    return [r for r in ((start, i, start, j), (i + size, a, j + size, b)) if r[0] < r[1] or r[2] < r[3]]


def _widened(runs: list[Run], mine: Sequence[str], theirs: Sequence[str]) -> list[Run]:
    """Widen each run by words that both share until it can be read alone, and join runs that then meet."""
    out: list[Run] = []
    for i, j, m, n in runs:
        while (
            (mine[j - 1 : j] or theirs[n - 1 : n])
            and (_open(mine[i:j]) or _open(theirs[m:n]))
            and j < len(mine)
            and n < len(theirs)
            and mine[j] == theirs[n]
        ):
            j, n = j + 1, n + 1  # noqa: PLW2901 - the run grows
        while i and m and (_bare(mine[i:j]) or _bare(theirs[m:n])) and mine[i - 1] == theirs[m - 1]:
            i, m = i - 1, m - 1  # noqa: PLW2901
        if out and (out[-1][1] >= i or out[-1][3] >= m):
            i, m = min(out[-1][0], i), min(out[-1][2], m)  # noqa: PLW2901
            out.pop()
        out.append((i, j, m, n))
    return out


def _open(run: Sequence[str]) -> bool:
    """Tell whether a run breaks off where a word must follow, or only says with what it goes on."""
    return bool(run) and (run[-1] in _LINKS or (run[0] in _WITH and len(run) < len(_WITH)))


def _bare(run: Sequence[str]) -> bool:
    """Tell whether a run is a lone figure or letter, which says nothing without the word before it."""
    return len(run) == 1 and (len(run[0]) == 1 or run[0].isdigit() or not run[0].strip("ivx"))


def _shared(a: Sequence[str], b: Sequence[str]) -> int:
    pairs: Iterable[tuple[str, str]] = zip(a, b, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))
