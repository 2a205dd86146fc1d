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

from plaincode.search.index import LAY, stemmed
from plaincode.search.words import STOPWORDS, Entry, Vocabulary, stem, tokens

__all__ = [
    "Asked",
    "Group",
    "ask",
    "entered",
    "every",
    "excluding",
    "group_query",
    "most",
    "steps",
    "weight",
    "widened",
]

LONG_STEM = 4  # letters; a shorter stem of a longer word is also an abbreviation
MOST_WORDS = 24  # content words read of a question
_QUOTED = re.compile(r'(-?)"([^"]*)"')
_MINUS = re.compile(r"(?<!\S)-([^\W\d]\S*)")
_CHART = re.compile(r"(?<![\w/])[cr]/o(?![\w/])", re.IGNORECASE)  # complains of, rule out
_OPERATORS = frozenset({"AND", "OR", "NOT"})

# Steps of the ranking; a document gets the sum of those it meets, so each outweighs those below it.
EXACT, NAME, WHOLE, MEANT, NAMES = 32.0, 16.0, 8.0, 7.5, 4.0
START, CALLED, LITERAL = 1.0, 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Group:
    """`options` are tuples of stems, the said words first; `why` has one sentence an option (or none).

    `meant` holds the meanings as written (or the likeliest completions, where `begun`).
    `phrase` holds the words, stopwords too, where they must stand together in this order.
    """

    said: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    why: tuple[str | None, ...] = (None,)
    phrase: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    begun: bool = False

    @property
    def plain(self) -> bool:
        """Tell whether this is one word that the vocabulary does not know."""
        return len(self.said) == 1 and len(self.options) == 1 and not self.phrase and not self.meant


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words. `open` is true while the last word may still be typed."""

    groups: tuple[Group, ...]
    excluded: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()
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
    rest = _CHART.sub(" ", _QUOTED.sub(" ", text))
    out = [tuple(tokens(m)) for m in _MINUS.findall(rest)]
    plain = _MINUS.sub(" ", rest)
    plain = " ".join(w for w in plain.split() if w not in _OPERATORS)
    said = tokens(plain)
    excluded += [w for w in out if w]
    words = [w for w in dict.fromkeys(said) if w not in STOPWORDS] or list(dict.fromkeys(said))
    words = [(swaps or {}).get(w, w) for w in words[:MOST_WORDS]]
    last = bool(said) and not text.endswith(('"', " ")) and said[-1] == words[-1]
    words, spelled = _american(words, vocabulary)
    groups += _grouped(words, vocabulary)
    return Asked(tuple(groups), tuple(excluded), tuple(words), spelled, open=last)


def _american(words: Sequence[str], vocabulary: Vocabulary) -> tuple[list[str], tuple[str, ...]]:
    """Return the words in the spelling of the codes, and what was respelled."""
    out: list[str] = []
    spelled: list[str] = []
    for word in words:
        other = vocabulary.spelling(word)
        out.append(other or word)
        if other:
            spelled.append(f"spelling: {word} → {other}")
    return out, tuple(spelled)


def _grouped(words: Sequence[str], vocabulary: Vocabulary) -> list[Group]:
    groups: list[Group] = []
    at = 0
    while at < len(words):
        size, entries = vocabulary.find(words, at)
        groups.append(entered(words[at : at + max(size, 1)], entries))
        at += max(size, 1)
    return groups


def entered(words: Sequence[str], entries: Sequence[Entry]) -> Group:
    """Return the group of words that the vocabulary knows together (or of one that it does not)."""
    said = tuple(words)
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
            why.append(f"{entry.said} means {meaning}")
    if meant and len(said) == 1 and len(options[0][0]) < LONG_STEM <= len(said[0]):
        options, why = options[1:], why[1:]  # "ache" has the stem of "ach", which is short for Achilles
    return Group(said, tuple(options), tuple(why), meant=tuple(meant))


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


def every(schema: Any, asked: Asked) -> tuple[Any, Any]:
    """Return the query that meets every group, plain (to count) and ranked by step (to list)."""
    match = excluding(schema, asked, _within(schema, "all", asked.groups))
    parts = [(Occur.Must, Query.const_score_query(match, 0.0))]
    for field, score in (("names", NAMES), ("name", NAME)):
        within = _within(schema, field, asked.groups)
        parts.append((Occur.Should, Query.const_score_query(within, score)))
    parts += _wholes(schema, asked)
    begun = [replace(g, options=g.options[:1]) for g in asked.groups if g.begun]
    if begun:  # the word as typed comes before what it may begin
        parts.append((Occur.Should, Query.const_score_query(_within(schema, "all", begun), LITERAL)))
    return match, Query.boolean_query(parts)


def _within(schema: Any, field: str, groups: Sequence[Group]) -> Any:
    met = [group_query(schema, field, g) for g in groups]
    return met[0] if len(met) == 1 else Query.boolean_query([(Occur.Must, q) for q in met])


def _wholes(schema: Any, asked: Asked) -> list[tuple[Occur, Any]]:
    said, meant = asked.wholes()
    steps = (
        ("exact", [(said, EXACT)]),
        ("whole", [(said, WHOLE), *((name, MEANT) for name in meant)]),
        ("start", [(name, START) for name in (said, *meant)]),
    )
    parts = []
    for field, names in steps:
        terms = [
            Query.const_score_query(_option(schema, field, (name,)), score) for name, score in names if name
        ]
        if len(terms) > 1:  # the best of several, not their sum
            terms = [Query.disjunction_max_query(terms)]
        parts += [(Occur.Should, term) for term in terms]
    called = [_option(schema, "whole", (LAY + name,)) for name in (said, *meant) if name]
    if called:  # a lay word of ours lifts among synonyms, never among titles
        beside = [(Occur.Must, Query.boolean_query([(Occur.Should, q) for q in called]))]
        beside.append((Occur.MustNot, _within(schema, "name", asked.groups)))
        parts.append((Occur.Should, Query.const_score_query(Query.boolean_query(beside), CALLED)))
    return parts


def steps(score: float) -> tuple[bool, bool, bool]:
    """Return whether a score says: exact title, a whole name, every word in the title."""
    exact = score >= EXACT
    rest = score - EXACT if exact else score
    named = rest >= NAME
    return exact, (rest - NAME if named else rest) >= MEANT, named


def most(schema: Any, asked: Asked, need: int, weights: Sequence[float]) -> tuple[Any, Any]:
    """Return the query that meets at least `need` groups, plain and with rarer words weighing more."""
    anywhere, ranked = [], []
    for group, weight_ in zip(asked.groups, weights, strict=True):
        within = group_query(schema, "all", group)
        named = Query.const_score_query(group_query(schema, "name", group), weight_ / 2)
        both = [(Occur.Must, Query.const_score_query(within, weight_)), (Occur.Should, named)]
        anywhere.append((Occur.Should, within))
        ranked.append((Occur.Should, Query.boolean_query(both)))
    match, list_ = (Query.boolean_query(q, minimum_number_should_match=need) for q in (anywhere, ranked))
    return excluding(schema, asked, match), excluding(schema, asked, list_)


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
