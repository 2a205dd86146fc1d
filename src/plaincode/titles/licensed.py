"""Overlap of our titles with official words, for those who hold a licensed file: figures, never the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from plaincode.model import Key
from plaincode.titles.read import Titles

__all__ = ["Overlap", "overlap"]

_WORD = re.compile(r"[^\W_]+")
RUN = 5  # words in a row, in the same order, that are worth a look


class Overlap(NamedTuple):
    """One title beside official words: the longest run of the same words, the share of ours in theirs."""

    code: str
    run: int
    share: float
    same: bool


def overlap(titles: Titles, official: Mapping[Key, str]) -> Iterator[Overlap]:
    """Yield how far each of our titles goes along with the official words of its number, by number."""
    for key in sorted(titles.rows):
        title, words = titles.rows[key].title, official.get(key)
        if not title or not words:
            continue
        ours, theirs = _WORD.findall(title.lower()), _WORD.findall(words.lower())
        shared = sum(w in set(theirs) for w in ours)
        yield Overlap(key.code, _run(ours, theirs), shared / len(ours) if ours else 0.0, ours == theirs)


def _run(a: list[str], b: list[str]) -> int:
    """Return the length of the longest run of words that both have."""
    best, before = 0, [0] * (len(b) + 1)
    for x in a:
        row = [0] * (len(b) + 1)
        for j, y in enumerate(b, 1):
            if x == y:
                row[j] = before[j - 1] + 1
                best = max(best, row[j])
        before = row
    return best
