"""The question in words: groups that each must be met, and the tantivy queries that say so.

A group is one word, or several that the vocabulary knows together, with its options: the said words, or
the words they mean. Every option is a set of stems that stand in one field. Scores are constants that
say which step of the ranking a document reached; equal scores come out in the order of the index.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tantivy import Occur, Query

from plaincode.search.index import stemmed
from plaincode.search.words import STOPWORDS, Vocabulary, stem, tokens

__all__ = ["Asked", "Group", "ask", "every", "excluding", "group_query", "most"]

MOST_WORDS = 24  # content words read of a question
_QUOTED = re.compile(r'(-?)"([^"]*)"')
_MINUS = re.compile(r"(?<!\S)-([^\W\d]\S*)")
_OPERATORS = frozenset({"AND", "OR", "NOT"})

# Steps of the ranking; a document gets the sum of those it meets, so each outweighs those below it.
EXACT, WHOLE, MEANT, NAME, NAMES = 32.0, 16.0, 15.5, 8.0, 4.0
LITERAL = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """`options` are tuples of stems, the said words first; `why` has one sentence an option (or none).

    `phrase` holds the words, stopwords too, where they must stand together in this order.
    """

    said: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    why: tuple[str | None, ...] = (None,)
    phrase: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Tell whether this is one word that the vocabulary does not know."""
        return len(self.said) == 1 and len(self.options) == 1 and not self.phrase


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words. `open` is true while the last word may still be typed."""

    groups: tuple[Group, ...]
    excluded: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = ()
    open: bool = False

    def wholes(self) -> tuple[str, tuple[str, ...]]:
        """Return the question as one folded name, and as the names that it may mean."""
        said = stemmed([w for g in self.groups for w in (g.phrase or g.said)])
        meant: list[list[str]] = [[]]
        for group in self.groups:
            texts = group.meant or (" ".join(group.said),)
            meant = [[*m, *tokens(t)] for m in meant[:2] for t in texts[:4]]
        names = dict.fromkeys(stemmed(m) for m in meant)
        return said, tuple(n for n in names if n and n != said)


def ask(text: str, vocabulary: Vocabulary, *, swaps: dict[str, str] | None = None) -> Asked:
    """Return the question that a text asks; `swaps` replaces single folded words."""
    groups: list[Group] = []
    excluded: list[tuple[str, ...]] = []
    for minus, phrase in _QUOTED.findall(text):
        words = tokens(phrase)[:MOST_WORDS]
        if not words:
            continue
        if minus:
            excluded.append(tuple(words))
        else:
            stems = tuple(stem(w) for w in words)
            groups.append(Group(tuple(words), (stems,), phrase=stems))
    rest = _QUOTED.sub(" ", text)
    out = [tuple(tokens(m)) for m in _MINUS.findall(rest)]
    plain = _MINUS.sub(" ", rest)
    plain = " ".join(w for w in plain.split() if w not in _OPERATORS)
    said = tokens(plain)
    if not said and not groups:  # nothing but exclusions: they are what is asked for
        said, out = tokens(rest), []
    excluded += [w for w in out if w]
    words = [w for w in dict.fromkeys(said) if w not in STOPWORDS] or list(dict.fromkeys(said))
    words = [(swaps or {}).get(w, w) for w in words[:MOST_WORDS]]
    groups += _grouped(words, vocabulary)
    last = bool(said) and not text.endswith(('"', " ")) and bool(words) and said[-1] == words[-1]
    return Asked(tuple(groups), tuple(excluded), tuple(words), open=last)


def _grouped(words: Sequence[str], vocabulary: Vocabulary) -> list[Group]:
    groups: list[Group] = []
    at = 0
    while at < len(words):
        size, entries = vocabulary.find(words, at)
        said = tuple(words[at : at + max(size, 1)])
        options: list[tuple[str, ...]] = [tuple(stem(w) for w in said)]
        why: list[str | None] = [None]
        meant: list[str] = []
        for entry in entries:
            for meaning in entry.meant:
                stems = tuple(stem(w) for w in tokens(meaning) if w not in STOPWORDS)
                if not stems or stems in options:
                    continue
                options.append(stems)
                meant.append(meaning)
                means = f"{entry.said} means {meaning}"
                why.append(f"spelling: {entry.said} → {meaning}" if entry.kind == "spelling" else means)
        groups.append(Group(said, tuple(options), tuple(why), meant=tuple(meant)))
        at += max(size, 1)
    return groups


def widened(asked: Asked, at: int, stems: Sequence[str], why: str) -> Asked:
    """Return the question with more options for one group."""
    group = asked.groups[at]
    more = [(s,) for s in dict.fromkeys(stems) if (s,) not in group.options]
    new = replace(group, options=(*group.options, *more), why=(*group.why, *(why for _ in more)))
    return replace(asked, groups=(*asked.groups[:at], new, *asked.groups[at + 1 :]))


def group_query(schema: Any, field: str, group: Group) -> Any:
    """Return the query that a group is met within a field."""
    if len(group.phrase) > 1:
        return Query.phrase_query(schema, field, list(group.phrase))
    options = [_option(schema, field, option) for option in group.options]
    if len(options) == 1:
        return options[0]
    singles = [o[0] for o in group.options if len(o) == 1]
    if len(singles) > 4:  # one set instead of many branches
        rest = [q for q, o in zip(options, group.options, strict=True) if len(o) > 1]
        options = [Query.term_set_query(schema, field, singles), *rest]
    return Query.boolean_query([(Occur.Should, o) for o in options])


def _option(schema: Any, field: str, stems: Sequence[str]) -> Any:
    terms = [Query.term_query(schema, field, s, index_option="basic") for s in stems]
    return terms[0] if len(terms) == 1 else Query.boolean_query([(Occur.Must, t) for t in terms])


def every(schema: Any, asked: Asked) -> Any:
    """Return the query that meets every group, ranked by step."""

    def within(field: str, score: float) -> Any:
        parts = [(Occur.Must, group_query(schema, field, g)) for g in asked.groups]
        return Query.const_score_query(Query.boolean_query(parts), score)

    parts = [
        (Occur.Must, within("all", 0.0)),
        (Occur.Should, within("names", NAMES)),
        (Occur.Should, within("name", NAME)),
        *_wholes(schema, asked),
    ]
    expanded = [g for g in asked.groups if len(g.options) > 1 and not g.meant]
    if expanded:  # completed words: the word as typed comes first
        plain = replace(asked, groups=tuple(replace(g, options=g.options[:1]) for g in expanded))
        literal = [(Occur.Must, group_query(schema, "all", g)) for g in plain.groups]
        parts.append((Occur.Should, Query.const_score_query(Query.boolean_query(literal), LITERAL)))
    return excluding(schema, asked, Query.boolean_query(parts))


def _wholes(schema: Any, asked: Asked) -> list[tuple[Occur, Any]]:
    said, meant = asked.wholes()
    parts = []
    for field, names, score in (
        ("exact", (said,), EXACT),
        ("whole", (said,), WHOLE),
        ("whole", meant, MEANT),
    ):
        named = [n for n in names if n]
        if named:
            query = Query.term_set_query(schema, field, named)
            parts.append((Occur.Should, Query.const_score_query(query, score)))
    return parts


def most(schema: Any, asked: Asked, need: int, weights: Sequence[float]) -> Any:
    """Return the query that meets at least `need` groups, rarer words weighing more."""
    parts = []
    for group, weight in zip(asked.groups, weights, strict=True):
        anywhere = Query.const_score_query(group_query(schema, "all", group), weight)
        named = Query.const_score_query(group_query(schema, "name", group), weight / 2)
        parts.append(
            (
                Occur.Should,
                Query.boolean_query([(Occur.Must, anywhere), (Occur.Should, named)]),
            )
        )
    query = Query.boolean_query(parts, minimum_number_should_match=need)
    return excluding(schema, asked, query)


def excluding(schema: Any, asked: Asked, query: Any) -> Any:
    """Return the query without what the question excludes."""
    if not asked.excluded:
        return query
    parts = [(Occur.Must, query)]
    for words in asked.excluded:
        stems = tuple(stem(w) for w in words)
        group = Group(words, (stems,), phrase=stems if len(stems) > 1 else ())
        parts.append((Occur.MustNot, group_query(schema, "all", group)))
    return Query.boolean_query(parts)


def weight(count: int, documents: int) -> float:
    """Return how much a word that stands in `count` documents says."""
    return math.log(1 + (documents + 1) / (count + 1))
