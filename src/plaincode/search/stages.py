"""The steps of a search by words: every word, then completed, corrected, then most of the words.

Each step runs only where the one before found too little, so an ordinary question costs one count.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from tantivy import Occur, Query

from plaincode.search.query import Asked, ask, entered, every, most, weight, widened
from plaincode.search.spelling import Speller
from plaincode.search.words import WORD, Vocabulary, fold, respelled, stem

__all__ = ["Plan", "plan"]

FEW = 40  # hits below which the last word is also taken as a beginning
SPARSE = 10  # hits below which codes with most of the words follow
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

    `stepped` says that the scores are those of the ranking's steps. `after` lists what follows, with
    most of the words; `match` counts it too. `excluded` says that words to leave out were all there was.
    """

    match: Any = None
    ranked: Any = None
    asked: Asked | None = None
    spelled: tuple[str, ...] = ()
    did_you_mean: str | None = None
    stepped: bool = True
    after: Any = None
    excluded: bool = False


def plan(room: Room, text: str, *, again: bool = True) -> Plan:
    """Return how to answer a question in words; `again` allows to ask for what a lone word means."""
    asked = ask(text, room.vocabulary)
    if not asked.groups:
        return Plan(excluded=bool(asked.excluded))
    asked, british, slips = _known(room, text, asked)
    match, ranked = every(room.schema, asked)
    total = _count(room, match)
    if not total and len(asked.groups) > 1:
        asked, slips = _unlikely(room, text, asked, british, slips)
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
    lone = asked.groups[0]
    if again and not total and len(asked.groups) == 1 and lone.meant and lone.why[-1]:
        return replace(plan(room, lone.meant[-1], again=False), spelled=(*spelled, lone.why[-1]))
    if total >= SPARSE or len(asked.groups) == 1:
        return Plan(match, ranked, asked, spelled, better)
    some_of = asked
    if total:  # what a last word may begin is no word that was said
        typed = (replace(g, options=g.options[:1], why=g.why[:1]) if g.begun else g for g in asked.groups)
        kept = tuple(g for g in typed if not g.begun or room.speller.knows(g.said[0]))
        some_of = replace(asked, groups=kept)
    counts = [_documents(room, some_of, i) for i in range(len(some_of.groups))]
    weights = [weight(n, room.count) for n in counts]
    for share in SHARES:
        need = max(1, math.ceil(share * len(some_of.groups)))
        if len(some_of.groups) == 2:
            need = 1
        some, listed = most(room.schema, some_of, need, weights)
        if _count(room, some) > total:
            break
    if total:
        after = Query.boolean_query([(Occur.Must, listed), (Occur.MustNot, match)])
        both = Query.boolean_query([(Occur.Should, match), (Occur.Should, some)])
        return Plan(both, ranked, asked, spelled, better, after=after)
    match, ranked = some, listed
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


def _unlikely(
    room: Room, text: str, asked: Asked, british: dict[str, str], slips: dict[str, str]
) -> tuple[Asked, dict[str, str]]:
    """Return the question with a rare word put right ("infraction") where only that finds something."""
    likelier: dict[str, str] = {}
    for group in asked.groups:
        word = group.said[0]
        if not group.plain or word in british or word in slips.values():
            continue
        known = room.speller.knows(word)
        if known and room.searcher.doc_freq("all", group.options[0][0]) >= RARE:
            continue
        if not known and group is asked.groups[-1] and asked.open and room.speller.begin(word):
            continue  # still being typed
        meant = room.speller.same_sound(word) or (None if known else room.speller.correct(word))
        if meant:
            likelier[word] = meant
    tries = [likelier, *({w: m} for w, m in likelier.items() if len(likelier) > 1)] if likelier else []
    for swaps in tries:
        again = ask(text, room.vocabulary, swaps=british | slips | swaps)
        if _count(room, every(room.schema, again)[0]):
            still = asked.open and again.words[-1] not in swaps.values()
            return replace(again, open=still), slips | swaps
    return asked, slips


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
    phrase = _begun_phrase(room, asked, longer)
    if phrase is not None:
        return phrase
    asked = widened(asked, len(asked.groups) - 1, stems, f"begins with {word}")
    last = replace(asked.groups[-1], meant=tuple(longer[:LIKELY]), begun=True)
    return replace(asked, groups=(*asked.groups[:-1], last))


def _begun_phrase(room: Room, asked: Asked, longer: Sequence[str]) -> Asked | None:
    """Return the question with its last words as the beginning of a phrase that the vocabulary knows."""
    for size in range(min(3, len(asked.groups)), 1, -1):
        groups = asked.groups[-size:]
        if not all(g.plain for g in groups):
            continue
        before = [g.said[0] for g in groups[:-1]]
        for word in longer:
            found, entries = room.vocabulary.find([*before, word], 0)
            if found != size:
                continue
            group = entered((*before, word), entries)
            return replace(asked, groups=(*asked.groups[:-size], replace(group, begun=False)), open=False)
    return None


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
