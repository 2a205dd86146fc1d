"""The steps of a search by words: every word, then completed, corrected, then most of the words.

Each step runs only where the one before found too little, so an ordinary question costs one count.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from plaincode.search.query import Asked, ask, every, most, weight, widened
from plaincode.search.spelling import Speller
from plaincode.search.words import WORD, Vocabulary, fold, respelled, stem

__all__ = ["Plan", "plan"]

FEW = 40  # hits below which the last word is also taken as a beginning
RARE = 20  # codes below which a word that is known by its stem alone may be a slip
LIKELIER = 4  # times that the word meant must be more frequent
LIKELY = 3  # completions that may be the whole of a name
SHARES = (0.6, 0.4, 0.0)  # of the words that must be met, where not all can


class Room(Protocol):
    """What the steps need of a searcher."""

    schema: Any
    searcher: Any
    count: int
    vocabulary: Vocabulary
    speller: Speller


@dataclass(frozen=True, slots=True)
class Plan:
    """The query to count and the query to list (None: nothing to ask), and how the words were taken.

    `stepped` says that the scores are those of the ranking's steps.
    """

    match: Any = None
    ranked: Any = None
    asked: Asked | None = None
    spelled: tuple[str, ...] = ()
    did_you_mean: str | None = None
    stepped: bool = True


def plan(room: Room, text: str) -> Plan:
    """Return how to answer a question in words."""
    asked = ask(text, room.vocabulary)
    if not asked.groups:
        return Plan()
    asked, british, slips = _known(room, text, asked)
    match, ranked = every(room.schema, asked)
    total = _count(room, match)
    if total < FEW and asked.open and asked.groups[-1].plain:
        begun = _begun(room, asked)
        if begun is not asked:
            asked = begun
            match, ranked = every(room.schema, asked)
            total = _count(room, match)
    spelled = tuple(f"spelling: {said} → {meant}" for said, meant in (british | slips).items())
    spelled = tuple(dict.fromkeys((*asked.spelled, *spelled)))
    better = _respelled(text, slips) if slips else None
    if total or len(asked.groups) == 1:
        return Plan(match, ranked, asked, spelled, better)
    counts = [_documents(room, asked, i) for i in range(len(asked.groups))]
    weights = [weight(n, room.count) for n in counts]
    for share in SHARES:
        need = max(1, math.ceil(share * len(asked.groups)))
        if len(asked.groups) == 2:
            need = 1
        match, ranked = most(room.schema, asked, need, weights)
        if _count(room, match):
            break
    if len(asked.groups) > 2:  # a sentence: its small words are not misspelled medical ones
        better = None
    return Plan(match, ranked, asked, spelled, better, stepped=False)


def _known(room: Room, text: str, asked: Asked) -> tuple[Asked, dict[str, str], dict[str, str]]:
    """Return the question in words that are known, the British spellings and the slips put right.

    An unknown last word that begins known ones is left: it is still being typed.
    """
    british: dict[str, str] = {}
    slips: dict[str, str] = {}
    last = len(asked.groups) - 1
    for i, group in enumerate(asked.groups):
        if not group.plain:
            continue
        word = group.said[0]
        known = room.searcher.doc_freq("all", group.options[0][0])
        if known:
            if known < RARE and not room.speller.knows(word):
                meant = room.speller.same_sound(word)
                if meant and room.searcher.doc_freq("all", stem(meant)) > LIKELIER * known:
                    slips[word] = meant
            continue
        american = next((w for w in respelled(word) if room.searcher.doc_freq("all", stem(w))), None)
        if american:
            british[word] = american
            continue
        if i == last and asked.open and room.speller.begin(word):
            continue
        meant = _meant(room, asked, i, word)
        if meant:
            slips[word] = meant
    if british or slips:
        again = ask(text, room.vocabulary, swaps=british | slips)
        asked = replace(again, open=again.open and asked.words[-1] not in slips)
    return asked, british, slips


def _meant(room: Room, asked: Asked, at: int, word: str) -> str | None:
    """Return the word meant, preferring one that the rest of the question goes with."""
    if len(asked.groups) == 1:
        return room.speller.correct(word)
    position = asked.words.index(word) if word in asked.words else -1

    def together(candidate: str) -> int:
        words = [*asked.words[:position], candidate, *asked.words[position + 1 :]]
        for start in range(max(0, position - 2), position + 1):
            size, _ = room.vocabulary.find(words, start)
            if size > 1 and start + size > position:
                return room.count  # "hart attack": the vocabulary knows the phrase
        group = replace(asked.groups[at], said=(candidate,), options=((stem(candidate),),))
        known = [
            g
            for i, g in enumerate(asked.groups)
            if i != at and any(room.searcher.doc_freq("all", s) for o in g.options for s in o)
        ]
        return _count(room, every(room.schema, replace(asked, groups=(*known, group)))[0])

    return room.speller.correct(word, together if position >= 0 else None)


def _begun(room: Room, asked: Asked) -> Asked:
    """Return the question with the last word taken as the beginning of a word."""
    group = asked.groups[-1]
    word = group.said[0]
    longer = [w for w in room.speller.begin(word) if w != word]
    stems = [stem(w) for w in longer]
    if not stems:
        return asked
    asked = widened(asked, len(asked.groups) - 1, stems, f"begins with {word}")
    last = replace(asked.groups[-1], meant=tuple(longer[:LIKELY]), begun=True)
    return replace(asked, groups=(*asked.groups[:-1], last))


def _count(room: Room, query: Any) -> int:
    return int(room.searcher.search(query, 1, count=True).count)


def _documents(room: Room, asked: Asked, at: int) -> int:
    return max(
        min((room.searcher.doc_freq("all", s) for s in option), default=0)
        for option in asked.groups[at].options
    )


def _respelled(text: str, swaps: Mapping[str, str]) -> str:
    """Return the question as it was probably meant."""
    text = re.sub(r"\s+", " ", text).strip()
    return WORD.sub(lambda m: swaps.get(fold(m[0]), m[0]), text)[:400]
