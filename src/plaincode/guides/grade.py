"""Reading grade of a guide: Flesch-Kincaid, raw and adjusted, the same on every machine.

The grade is 0.39 * words per sentence + 11.8 * syllables per word - 15.59 (Kincaid et al. 1975). A list
item, a step and a heading of a group each end a sentence, with or without a full stop.

*Raw* counts every word as it stands. *Adjusted* counts a medical name as a plain word of two syllables
where the guide explains it at its first use, and so for the code's own terms (the long words of the
guide's title and of the code's title), which the page cannot do without. Nothing else is taken out: a
long word that is not explained, or is explained only after it was used, counts in full. A name counts
as explained where brackets stand between it and plain words, in either order: "the space of the spinal
fluid (subarachnoid space)", "phenol (a liquid that destroys nerves)"; where it is introduced as a name
("called", "doctors call it", "known as", "the medical name is"); or where it stands in quotation marks
and the sentence says what it means. Only words of three or more syllables are ever replaced.

Syllables are counted by rule. The textstat library counts English syllables with a word list that it
downloads at the first use, and fails without a network; its offline stand-in (hyphenation) takes
"area", "about" and "medicine" for one syllable each, which flatters a text by a grade or more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from plaincode.model import Section

__all__ = ["Grade", "grade", "section_texts", "syllables"]

STAND_IN = 2
LONG = 3

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]*[A-Z0-9])")
_BRACKET = re.compile(r"(?P<before>(?:[\w'’-]+ ){0,5}[\w'’-]+) \((?P<inside>[^()]{2,160})\)")
_CALLED = re.compile(
    r"\b(?:called|calls? (?:it|this|them)|known as|medical name is) (?:an? |the )?"
    r"(?P<name>[\w'’-]+(?: [\w'’-]+){0,2})"
)
_QUOTED = re.compile(r"[\"“](?P<name>[\w'’ -]{3,40})[\"”](?=[^.\n]{0,40}\b(?:means?|points? to)\b)")
_MOST_NAME_WORDS = 4

# Vowel groups, y among them where it is one; then what a group hides (the "i-a" of "diagnosis").
_VOWELS = re.compile(r"(?:[aeiou]|y(?![aeiou]))+|(?<=[b-df-hj-np-tv-xz])y(?=[aeiou])")
_ADD = re.compile(
    r"(?<![ctsg])ia(?!ge)|[ct]iat|(?<![tscgxnl])io|iu|(?<!g)eo(?!p)|(?<![qg])ua|uou|luo|theat|[aeou]ing|iet"
    r"|(?<!t)ience|[^aeioutcsgyfr]ie[rn]|(?<!r)riend|rien[^d]|ier$|iest$|rea(?:$|l|c)|dea[sl]?$|crea"
    r"|flui|ruin|intui|genui|suici|flue|uel$|(?:s|th)m$"
)
# An ending with a silent e, and the endings of the same shape in which it is heard.
_SILENT = tuple(
    (re.compile(silent), re.compile(kept) if kept else None)
    for silent, kept in (
        (r"[^aeiouyl]e$|[aeiouyl]le$|[aeiou]ue$|gue$|ques?$", None),
        (r"[^aeiouy]es$", r"(?:[sxzcg]|sh|ch|[^aeiouylr]l)es$"),
        (r"[^aeiouytd]ed$", r"[^aeiouylr]led$"),
        (r"[aeiouy][^aeiouy]+e(?:ful|less|ly|ness|ment|ments|fully)$", r"(?:l|pl)ements?$"),
    )
)
_COMPOUND = re.compile(r"(?:some|home|life|time|there|where|here|fore|side|these|those)[^aeiouydrs]")
_SPECIAL = {
    "argue": 2, "being": 2, "does": 1, "eye": 1, "eyes": 1, "friend": 1, "friends": 1, "nausea": 3,
    "people": 2, "someone": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grade:
    """Flesch-Kincaid grades, to one decimal place."""

    adjusted: float
    raw: float


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """Return the syllables of one word; a figure counts one a digit, capitals of an abbreviation one each."""
    if not word or word[0].isdigit():
        return sum(ch.isdigit() for ch in word)
    if word.isupper() and 1 < len(word) <= 5:
        return len(word) + 2 * word.count("W")
    word, apostrophe, tail = word.lower().replace("’", "'").partition("'")
    if apostrophe and tail == "t" and word.endswith("n"):
        return syllables(word[:-1]) + word.endswith(("sn", "dn"))  # doesn't, couldn't
    if word in _SPECIAL:
        return _SPECIAL[word]
    count = len(_VOWELS.findall(word)) + len(_ADD.findall(word))
    count -= any(silent.search(word) and not (kept and kept.search(word)) for silent, kept in _SILENT)
    count -= bool(_COMPOUND.match(word))
    return max(count, 1)


def section_texts(section: Section) -> list[str]:
    """Return the pieces of a section; each is read as one or more sentences."""
    if section.blocks:
        found: list[str] = []
        for block in section.blocks:
            found += [block.text] if block.text else []
            found += block.items
        return found
    return [*section.text.split("\n\n"), *section.items]


def grade(
    pieces: Iterable[str], *, terms: Sequence[str] = (), explained_in: Iterable[str] | None = None
) -> Grade:
    """Grade a text given in pieces. `terms` are titles; `explained_in` is the whole guide in order.

    Where `explained_in` is not given, names are looked for in the pieces themselves.
    """
    texts = [t for t in pieces if t.strip()]
    names = _explained(list(explained_in) if explained_in is not None else texts)
    names |= {w for title in terms for w in map(_stem, _words(title)) if _long(w)}
    sentences = words = raw = adjusted = 0
    for text in texts:
        for sentence in _SENTENCE_END.split(text):
            found = _words(sentence)
            if not found:
                continue
            sentences += 1
            words += len(found)
            for word in found:
                count = syllables(word)
                raw += count
                adjusted += min(count, STAND_IN) if _stem(word) in names else count
    if not words:
        return Grade(0.0, 0.0)
    length = 0.39 * words / sentences - 15.59
    return Grade(round(length + 11.8 * adjusted / words, 1), round(length + 11.8 * raw / words, 1))


def _words(text: str) -> list[str]:
    return [m.group() for m in _WORD.finditer(text)]


def _stem(word: str) -> str:
    return word.lower().removesuffix("'s").removesuffix("s")


def _long(word: str) -> bool:
    return syllables(word) >= LONG


def _explained(texts: Sequence[str]) -> set[str]:
    """Return the long words that are explained where they first occur."""
    whole = "\n".join(texts)
    first: dict[str, int] = {}
    for match in _WORD.finditer(whole):
        first.setdefault(_stem(match.group()), match.start())
    found: set[str] = set()
    for match in _BRACKET.finditer(whole):
        inside = _words(match["inside"])
        if len(inside) <= _MOST_NAME_WORDS:
            # "plain words (name)": the name stands in the brackets
            found |= {s for w in inside if _long(s := _stem(w)) and first[s] >= match.start("inside")}
        else:
            # "name (plain words)": the name is the last word or two before the brackets
            for word in _words(match["before"])[-2:]:
                stem = _stem(word)
                if _long(stem) and first[stem] >= match.start("before"):
                    found.add(stem)
    for match in chain(_CALLED.finditer(whole), _QUOTED.finditer(whole)):
        found |= {
            s for w in _words(match["name"]) if _long(s := _stem(w)) and first[s] >= match.start("name")
        }
    return found
