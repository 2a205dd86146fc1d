"""Words: folding, stems, and what people say against what codes say.

The same tokens come out here and in the text index: letters and digits, lower case, no accents, Snowball
English stems. `Vocabulary` is content/vocabulary read once at build time and carried inside the index,
so that opening it needs neither the CSV files nor stemming.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from plaincode.errors import ContentError

__all__ = ["STOPWORDS", "WORD", "Entry", "Vocabulary", "analyzer", "fold", "respelled", "stem", "tokens"]

WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"[’']s\b")
# Small words say nothing about a code; "without", "no" and "not" do, so they are not here.
_SMALL = """a an and any as at be by do due for from has have i in into is it its my of on or the their
this to was with your"""
STOPWORDS = frozenset(_SMALL.split())
KINDS = frozenset({"lay", "abbreviation", "brand", "eponym", "spelling", "body part"})
COLUMNS = ["said", "meant", "kind", "source"]
MOST_WORDS = 5  # the longest phrase that the vocabulary is asked for


def analyzer() -> TextAnalyzer:
    """Return the analyzer of every stemmed field (registered again on each opening)."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("English"))
        .build()
    )


_STEMS = analyzer()
_LOCK = Lock()  # an analyzer keeps state between tokens


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Return a word in lower case without accents."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word)
    return "".join(ch for ch in plain if not unicodedata.combining(ch)).lower()


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the stem that the index holds for one word."""
    with _LOCK:
        return "".join(_STEMS.analyze(word))


def tokens(text: str) -> list[str]:
    """Return the folded words of a text; a possessive s is dropped."""
    if text.isascii():  # nine texts in ten; about five times as fast
        text = text.lower()
        return WORD.findall(_POSSESSIVE.sub("", text) if "'" in text else text)
    return [fold(m) for m in WORD.findall(_POSSESSIVE.sub("", text))]


# British to American, applied only to words that the index does not know.
_RESPELL = (
    ("aemi", "emi"), ("haem", "hem"), ("paed", "ped"), ("oedem", "edem"), ("oesoph", "esoph"),
    ("oestr", "estr"), ("foet", "fet"), ("gynaec", "gynec"), ("orthopaed", "orthoped"), ("anaes", "anes"),
    ("leuk", "leuk"), ("rrhoe", "rrhe"), ("tumour", "tumor"), ("colour", "color"), ("our", "or"),
    ("isation", "ization"), ("ise", "ize"), ("lys", "lyz"), ("litre", "liter"), ("fibre", "fiber"),
    ("centre", "center"), ("tre", "ter"), ("lling", "ling"), ("lled", "led"), ("ae", "e"), ("oe", "e"),
)  # fmt: skip


def respelled(word: str) -> Iterator[str]:
    """Yield American spellings that a folded British word may have."""
    whole = word
    for british, american in _RESPELL:
        if british in word:
            yield word.replace(british, american)
            whole = whole.replace(british, american)
    if whole != word:
        yield whole


class Entry(NamedTuple):
    """A row: the phrase as written, its meanings as written, kind, and source."""

    said: str
    meant: tuple[str, ...]
    kind: str
    source: str


class Vocabulary:
    """What people say -> the clinical words it means.

    Abbreviations, brands and spellings are looked up as typed (AIDS is not "aid"); the rest by stems.
    """

    __slots__ = ("_said", "_stems", "entries")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        merged: dict[tuple[str, bool], Entry] = {}
        for entry in entries:
            literal = entry.kind in {"abbreviation", "brand", "spelling"}
            key = " ".join(_content(tokens(entry.said), stems=not literal))
            if not key:
                continue
            old = merged.get((key, literal))
            if old is not None:
                more = tuple(m for m in entry.meant if m not in old.meant)
                entry = old._replace(meant=old.meant + more)  # noqa: PLW2901 - two files, one phrase
            merged[key, literal] = entry
        self._said = {k: e for (k, literal), e in merged.items() if literal}
        self._stems = {k: e for (k, literal), e in merged.items() if not literal}
        self.entries = tuple(merged.values())

    @classmethod
    def of(cls, said: Mapping[str, Entry], stems: Mapping[str, Entry]) -> Vocabulary:
        """Return a vocabulary from tables that `tables` gave."""
        new = cls()
        new._said, new._stems = dict(said), dict(stems)
        new.entries = (*said.values(), *stems.values())
        return new

    @classmethod
    def read(cls, folder: Path) -> Vocabulary:
        """Read every CSV file of a folder; raise ContentError with file and line."""
        entries: list[Entry] = []
        for path in sorted(folder.glob("*.csv")):
            entries.extend(_rows(path))
        return cls(entries)

    def tables(self) -> tuple[dict[str, Entry], dict[str, Entry]]:
        """Return the two tables, literal and stemmed, to carry inside an index."""
        return self._said, self._stems

    def spelling(self, word: str) -> str | None:
        """Return the spelling of the codes for one folded word that is spelled otherwise elsewhere."""
        entry = self._said.get(word)
        return tokens(entry.meant[0])[0] if entry is not None and entry.kind == "spelling" else None

    def find(self, words: Sequence[str], at: int) -> tuple[int, list[Entry]]:
        """Return how many of the folded content words from `at` are said together, and their rows."""
        for size in range(min(MOST_WORDS, len(words) - at), 0, -1):
            part = words[at : at + size]
            found = [
                e
                for e in (
                    self._said.get(" ".join(part)),
                    self._stems.get(" ".join(stem(w) for w in part)),
                )
                if e is not None and e.kind != "spelling"
            ]
            if found:
                return size, found
        return 0, []


def _content(words: Iterable[str], *, stems: bool) -> list[str]:
    kept = [w for w in words if w not in STOPWORDS]
    return [stem(w) for w in kept] if stems else kept


def _rows(path: Path) -> Iterator[Entry]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        if header != COLUMNS:
            raise ContentError(
                "The header is not said,meant,kind,source.",
                where=f"{path.name}, line 1",
                do="Write the four columns in this order.",
            )
        for row in reader:
            where = f"{path.name}, line {reader.line_num}"
            if len(row) != len(COLUMNS):
                raise ContentError(f"The row has {len(row)} fields, not four.", where=where)
            said, meant, kind, source = (cell.strip() for cell in row)
            meanings = tuple(m.strip() for m in meant.split(" | ") if m.strip())
            if not said or not meanings or not source:
                raise ContentError("A row needs said, meant and source.", where=where)
            if kind not in KINDS:
                raise ContentError(
                    f"The kind {kind!r} is not known.", where=where, do=f"Use {', '.join(sorted(KINDS))}."
                )
            yield Entry(said, meanings, kind, source)
