"""Contradictions between what sets a code apart and what its guide says.

A plain check by words, on the sections that say what is done (name, summary, description). It knows four
axes: region, space, guidance, laterality. A sentence that speaks of another value, and neither of the
code's own value nor of a negation, is a contradiction; so is a guide whose name and summary never speak
of the code's own value. It finds the slip of a shared text, not every error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from plaincode.guides.grade import section_texts
from plaincode.guides.kinds import headings, slug
from plaincode.model import Guide

__all__ = ["contradictions"]

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "region": {
            "neck": r"\bneck\b|\bcervical\b",
            "upper back": r"\bupper (?:or middle )?back\b|\bmid(?:dle)?[- ]back\b|\bthoracic\b",
            "lower back": r"\blow(?:er)? back\b|\blumbar\b",
            "tailbone": r"\btailbone\b|\bsacral\b|\bsacrum\b|\bcaudal\b",
        },
        "space": {
            "epidural": r"\bepidural\b|\boutside the sac\b",
            "spinal fluid": r"\bspinal fluid\b|\bsubarachnoid\b|\bintrathecal\b|\bspinal sac\b",
            "joint": r"\binto (?:a|the) joint\b|\bjoint space\b",
        },
        "laterality": {
            "left": r"\bleft (?:side|arm|leg|eye|ear|breast|knee|hip|hand|foot|lung|kidney)\b",
            "right": r"\bright (?:side|arm|leg|eye|ear|breast|knee|hip|hand|foot|lung|kidney)\b",
            "one side": r"\bone side\b",
            "both sides": r"\bboth (?:sides|arms|legs|eyes|ears|breasts|knees|hips)\b",
        },
    }
)
_VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {**_WORDS, "laterality": {name: rf"\b{name}\b" for name in _WORDS["laterality"]}}
)
_WITHOUT = re.compile(r"\b(?:without|no) (?:any )?(?:imaging|x-?rays?|pictures)\b", re.IGNORECASE)
_WITH = re.compile(
    r"\b(?:imaging|x-?rays?|fluoroscop\w+|ultrasound|ct|pictures)\b[^.;]*\bguid\w+"
    r"|\bguid\w+[^.;]*\b(?:imaging|x-?rays?|fluoroscop\w+|ultrasound|ct|pictures)\b|\bimage-guided\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|never|no|without|instead|unlike|rather|avoid\w*|another|other|different|outside|may|if|maybe)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def contradictions(sets_apart: Sequence[tuple[str, str]], guide: Guide) -> Iterator[str]:
    """Yield what a rendered guide says against the facts that set its code apart."""
    order = headings(guide.kind)
    first = {slug(h) for h in order[:2]}
    told = first | {slug(h) for h in order if h.endswith("Description")}
    sentences = [
        (section.key, sentence)
        for section in guide.sections
        if section.key in told
        for text in section_texts(section)
        for sentence in _SENTENCE.split(text)
    ]
    opening = " ".join(sentence for key, sentence in sentences if key in first)
    for axis, value in sets_apart:
        if axis == "guidance":
            yield from _guidance(value, sentences)
        elif axis in _WORDS:
            yield from _axis(axis, value, sentences, opening)


def _axis(axis: str, value: str, sentences: Sequence[tuple[str, str]], opening: str) -> Iterator[str]:
    own = {name for name, words in _VALUES[axis].items() if re.search(words, value, re.IGNORECASE)}
    if not own:
        return
    mine = re.compile("|".join(words for name, words in _WORDS[axis].items() if name in own), re.IGNORECASE)
    if not mine.search(opening):
        yield f"the name and the summary do not speak of {axis} {value!r}."
    for name, words in _WORDS[axis].items():
        if name in own:
            continue
        for key, sentence in sentences:
            if (
                re.search(words, sentence, re.IGNORECASE)
                and not mine.search(sentence)
                and not _DENIAL.search(sentence)
            ):
                yield f"{key} speaks of {name} where the {axis} is {value!r}: {sentence[:100]}"


def _guidance(value: str, sentences: Sequence[tuple[str, str]]) -> Iterator[str]:
    without, with_ = value.startswith("without"), value.startswith("with imaging")
    for key, sentence in sentences:
        if with_ and _WITHOUT.search(sentence):
            yield f"{key} speaks of no imaging where the code is {value!r}: {sentence[:100]}"
        if without and _WITH.search(sentence) and not _DENIAL.search(sentence):
            yield f"{key} speaks of imaging where the code is {value!r}: {sentence[:100]}"
    whole = " ".join(sentence for _, sentence in sentences)
    if with_ and not _WITH.search(whole):
        yield f"nothing says that the code is {value!r}."
    if without and not _WITHOUT.search(whole):
        yield f"nothing says that the code is {value!r}."
