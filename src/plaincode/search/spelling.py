"""Spelling: words that begin so, and words that were probably meant.

The word list is a text index of its own, one document a word: its automata find the words one or two
slips away in tens of microseconds, and nothing is read on opening.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tantivy import Order, Query

__all__ = ["Speller"]

ONE_SLIP = 4  # letters from which one slip is looked for
TWO_SLIPS = 8  # letters from which two are
COMPLETIONS = (16, 40)  # most frequent words that a beginning of one or two letters, of more, stands for
CANDIDATES = 12
LONGEST = 40  # letters of the longest word that is completed or corrected
USUAL = 20  # times that a word must stand in the index before it corrects another first letter
_VOWELS = str.maketrans("", "", "aeiouy")


class Speller:
    """Completes and corrects single folded words."""

    __slots__ = ("_begun", "_schema", "_searcher")

    def __init__(self, index: Any) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._begun: tuple[str, list[str]] = ("", [])  # the last answer: it is asked for twice in a row

    def begin(self, start: str) -> list[str]:
        """Return the words that begin so, the most frequent first."""
        if not start.isalnum() or len(start) > LONGEST:
            return []
        last, words = self._begun
        if last == start:
            return words
        words = self._words(
            Query.regex_query(self._schema, "word", f"{start}.*"), COMPLETIONS[len(start) > 2]
        )
        self._begun = (start, words)
        return words

    def knows(self, word: str) -> bool:
        """Tell whether some code has this very word."""
        return bool(self._searcher.doc_freq("word", word))

    def correct(self, word: str, together: Callable[[str], int] | None = None) -> str | None:
        """Return the word probably meant, or None.

        `together` counts what is found with a candidate in the question; without it, or where it does
        not decide, the same consonants, the same first letter, then the more frequent word win.
        """
        if not ONE_SLIP <= len(word) <= LONGEST or not word.isalpha():
            return None
        found = self._near(word, 1)
        if not found and len(word) >= TWO_SLIPS:
            found = self._near(word, 2)
        if not found:
            return None
        bones = word.translate(_VOWELS)
        found.sort(key=lambda c: (c.translate(_VOWELS) != bones, c[0] != word[0]))
        if together is None or len(found) == 1:
            return found[0]
        counted = [(together(c), c) for c in found[:5]]
        most = max(n for n, _ in counted)
        # A tenth of the best is enough: "hart attack" is heart, not the more frequent part.
        return next(c for n, c in counted if n * 10 >= most)

    def same_sound(self, word: str) -> str | None:
        """Return the most frequent word one slip away with the same consonants (migrane, migraine)."""
        if not ONE_SLIP < len(word) <= LONGEST or not word.isalpha():
            return None
        bones = word.translate(_VOWELS)
        return next((w for w in self._near(word, 1) if w.translate(_VOWELS) == bones), None)

    def _near(self, word: str, distance: int) -> list[str]:
        query = Query.fuzzy_term_query(self._schema, "word", word, distance=distance)
        return [
            w
            for w, count in self._counted(query, CANDIDATES)
            if w != word and (w[0] == word[0] or count >= USUAL)
        ]

    def _words(self, query: Any, limit: int) -> list[str]:
        return [w for w, _ in self._counted(query, limit)]

    def _counted(self, query: Any, limit: int) -> list[tuple[str, int]]:
        found = self._searcher.search(
            query, limit, count=False, order_by_field="count", order=Order.Desc
        ).hits
        return [(self._searcher.doc(address)["word"][0], int(count)) for count, address in found]
