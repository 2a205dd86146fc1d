"""The text index: its schema, the one writer, and how it is opened.

The order of results is laid down here, not at query time: documents are sorted by `rank` (ended last,
shorter names first, billable before header, then system and code), so equal scores come out in that
order by themselves. Fields nest: `name` is within `names` (with synonyms) is within `all` (with notes),
so each step of the ranking is one query on one field. `group` numbers each combination of system, kind,
billable, active and chapter: one aggregation counts every facet. `place` is the code as a number, for
prefixes and ranges (tantivy has no ranges over text). Integer fields, because an int in an unsigned
fast field panics tantivy's writer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from tantivy import Document, Index, Schema, SchemaBuilder

from plaincode.errors import DamagedCatalog
from plaincode.model import Concept, is_grouping
from plaincode.search.words import STOPWORDS, Entry, Vocabulary, analyzer, fold, stem, tokens

__all__ = [
    "LAY",
    "VERSION",
    "Group",
    "IndexWriter",
    "Meta",
    "compact",
    "place",
    "read",
    "whole_names",
]

VERSION = 2
HEAP = 400_000_000  # one thread and one heap that holds all of it: one segment, the fastest to search
PLACE_CHARS = 8
LAY = "~"  # before a whole name that is a lay word of ours: it lifts less than the publisher's
STARTS = 4  # content words up to which the beginning of a name is a term of its own
_CODE_BITS = (1 << 46) - 1
_NOT_CODE = re.compile(r"[^A-Z0-9]")
_BRACKETED = re.compile(r"\[([^\[\]]+)\]$")
_ASIDE = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
_DEFAULT = re.compile(r"(?:,?\s+(?:unspecified|nos))+$|,\s+unspecified\s+\w+$", re.IGNORECASE)
_HEAD = re.compile(
    r"[,;:(\[/]|\s(?:and|as|by|due|during|following|for|from|in|of|on|or|per|that|to|with|without)\s"
)
_TAIL = re.compile(r"\s?[:(;]")
_SEARCHED_AS_TERM = frozenset({"includes", "inclusion-term"})
_NOT_SEARCHED = frozenset({"excludes1", "excludes2", "seventh-character"})
_LIGHT = {  # quarters of a word
    "type": 1,
    "unspecified": 0,
    "nos": 0,
    "without": 1,
    "other": 8,
    "specified": 1,
    "not": 1,
    "site": 1,
    "elsewhere": 6,
    "that": 0,
    "up": 1,
}
_SIDES = frozenset({"right", "left"})
_HEAVY_KINDS = frozenset({"chapter", "block", "section", "group", "modifier", "table"})


class Group(NamedTuple):
    """What a document has in common with many: the facets."""

    system: str
    kind: str
    billable: bool | None
    active: bool | None
    chapter: str | None
    family: str | None = None


class Meta(msgspec.Struct):
    """What an index carries beside the text: facets by number, system order, vocabulary."""

    version: int
    systems: list[str]
    groups: list[Group]
    said: dict[str, Entry]
    stems: dict[str, Entry]
    count: int


def schema() -> Schema:
    """Return the schema of the concepts."""
    build = SchemaBuilder()
    build.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    build.add_text_field("code", tokenizer_name="raw", index_option="basic")
    build.add_text_field("begins", tokenizer_name="raw", index_option="basic")
    build.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    build.add_text_field("whole", tokenizer_name="raw", index_option="basic")
    build.add_text_field("start", tokenizer_name="raw", index_option="basic")
    for field in ("name", "names", "all"):
        build.add_text_field(field, tokenizer_name="stems")
    build.add_integer_field("group", indexed=True, fast=True)
    build.add_integer_field("place", indexed=True, fast=True)
    build.add_integer_field("rank", fast=True)
    return build.build()


def word_schema() -> Schema:
    """Return the schema of the word list, which completes and corrects single words."""
    build = SchemaBuilder()
    build.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    build.add_integer_field("count", stored=True, fast=True)
    return build.build()


def compact(code: str) -> str:
    """Return a code as capital letters and digits only."""
    return _NOT_CODE.sub("", code.upper())


def place(system: int, code: str, *, last: bool = False) -> int:
    """Return the number of a code in code order; `last` is the end of everything that begins so."""
    text = compact(code)[:PLACE_CHARS]
    number = int(text.ljust(PLACE_CHARS, "Z" if last else "0") or "0", 36) << 4
    number += 15 if last else len(text)
    return (system << 47) + (is_grouping(code) << 46) + number


def whole_names(text: str) -> Iterator[str]:
    """Yield the folded names that a phrase is: as it stands, without asides, without "unspecified"."""
    texts = [text]
    if "[" in text or "(" in text:
        texts += [_ASIDE.sub(" ", text), *_BRACKETED.findall(text)]
    forms = dict.fromkeys(texts)
    for one in texts:
        if "specified" in one or one.rstrip()[-1:] in "dDsS":  # NOS, UNSPECIFIED; the pattern is slow
            forms[_DEFAULT.sub("", one)] = None
    for name in dict.fromkeys(stemmed(_tokens(form)) for form in forms):
        if name:
            yield name


def stemmed(words: Sequence[str]) -> str:
    """Return the stems of the content words, one space between them."""
    return " ".join([stem(w) for w in words if w not in STOPWORDS]) or " ".join(words)


def _starts(text: str) -> Iterator[str]:
    """Yield what a name is of, then its first two, three ... content words, sides left out.

    "Rigid walker, adjustable" is a walker; "Seat attachment for a walker" is an attachment.
    """
    head = [w for w in _tokens(_HEAD.split(text, maxsplit=1)[0]) if w not in STOPWORDS]
    if head:
        yield stem(head[-1])
    stems = [stem(w) for w in _tokens(text) if w not in STOPWORDS and w not in _SIDES][:STARTS]
    for size in range(2, len(stems) + 1):
        yield " ".join(stems[:size])


class _Units(dict[str, int]):
    """How much a word lengthens a name, in quarters of a word; worked out once for each word."""

    def __missing__(self, word: str) -> int:
        self[word] = 1 if word in STOPWORDS or word.isdigit() else _LIGHT.get(word, 4)
        return self[word]


_UNITS = _Units()


def _length(concept: Concept, words: Sequence[str]) -> int:
    units = 8 if concept.kind in _HEAVY_KINDS or is_grouping(concept.code) else 0
    units += sum(map(_UNITS.__getitem__, words))
    if not concept.display:
        # Our titles say first what it is and then what sets it apart: the second weighs little.
        head = sum(map(_UNITS.__getitem__, _tokens(_TAIL.split(concept.name, maxsplit=1)[0])))
        units = head + (units - head) // 4
    if "without" in words and any(w.startswith("complication") for w in words):
        units -= 3  # "without complications" is how the plain form of a disease is called
    return min(units, 255)


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[str, ...]:
    """Return the tokens of a text that is asked for several times in a row."""
    return tuple(tokens(text))


class IndexWriter:
    """Writes one index into an empty folder: add every concept, then commit once.

    `systems` are the ids in the order they are shown; a system not named there comes after them.
    """

    def __init__(self, path: Path | str, vocabulary: Vocabulary, systems: Sequence[str] = ()) -> None:
        self._path = Path(path)
        self._path.mkdir(parents=True, exist_ok=True)
        (self._path / "text").mkdir()
        self._vocabulary = vocabulary
        self._systems = {s: i for i, s in enumerate(systems)}
        self._groups: dict[Group, int] = {}
        self._words: Counter[str] = Counter()
        self._count = 0
        index = Index(schema(), path=str(self._path / "text"), sort_by_field="rank")
        index.register_tokenizer("stems", analyzer())
        self._writer: Any = index.writer(heap_size=HEAP, num_threads=1)

    def add(self, concept: Concept, chapter: str | None = None, family: str | None = None) -> None:
        """Add one concept; `chapter` and `family` are the facet values of where it stands."""
        system = self._systems.setdefault(concept.system, len(self._systems))
        group = Group(concept.system, concept.kind, concept.billable, concept.active, chapter, family)
        document = Document()
        document.add_text("key", str(concept.key))
        plain, lower = compact(concept.code).lower(), concept.code.lower()
        document.add_text("code", lower)
        if plain != lower and not is_grouping(concept.code):
            document.add_text("code", plain)
        if not is_grouping(concept.code):
            for size in range(2, len(plain) + 1):
                document.add_text("begins", f"{concept.system}:{plain[:size]}")
        names = [text for text in dict.fromkeys((concept.display, concept.title)) if text]
        terms = [*concept.terms, *(n.text for n in concept.notes if n.kind in _SEARCHED_AS_TERM)]
        terms = [t for t in dict.fromkeys(terms) if t not in names]
        notes = [n.text for n in concept.notes if n.kind not in _SEARCHED_AS_TERM | _NOT_SEARCHED]
        words = _tokens(concept.name)
        self._words.update(words)
        for text in names:
            if concept.active is not False:
                document.add_text("exact", stemmed(_tokens(text)))
            _add(document, text, ("name", "names", "all"))
        for text in terms:
            _add(document, text, ("names", "all"))
        for text in notes:
            _add(document, text, ("all",))
        for text in (*names[1:], *terms, *notes):
            self._words.update(_tokens(text))
        if concept.active is not False:  # what has ended is found by its words, and never leads
            # Terms beside the publisher's own words are its inclusion terms; else they are lay words of ours.
            official, lay = (terms, []) if concept.display else ([], terms)
            for whole in {w for text in (*names, *official) for w in whole_names(text)}:
                document.add_text("whole", whole)
            for whole in {w for text in lay for w in whole_names(text)}:
                document.add_text("whole", LAY + whole)
            for start in {start for text in names for start in _starts(text)}:
                document.add_text("start", start)
        rank = int(concept.active is False)
        rank = rank * 256 + _length(concept, words)
        rank = rank * 2 + int(concept.billable is False)
        rank = rank * 64 + min(system, 63)
        order = place(system, concept.code)
        document.add_integer("rank", rank << 46 | order & _CODE_BITS)
        document.add_integer("place", order)
        document.add_integer("group", self._groups.setdefault(group, len(self._groups)))
        self._writer.add_document(document)
        self._count += 1

    def commit(self) -> None:
        """Write everything out; the writer cannot be used afterwards."""
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._words.update(w for e in self._vocabulary.entries for w in tokens(e.said))
        _write_words(self._path / "words", self._words)
        said, stems = self._vocabulary.tables()
        meta = Meta(VERSION, list(self._systems), list(self._groups), said, stems, self._count)
        for lock in self._path.glob("*/.tantivy-*.lock"):  # left by the writers; they hold nothing
            lock.unlink()
        (self._path / "meta.msgpack").write_bytes(msgspec.msgpack.encode(meta))
        for file in self._path.rglob("*.json"):  # tantivy makes them readable for their owner only
            file.chmod(0o644)


def _add(document: Document, text: str, fields: Iterable[str]) -> None:
    text = text.replace("'s ", " ").replace("’s ", " ")
    for field in fields:
        document.add_text(field, text)


def _write_words(path: Path, words: Counter[str]) -> None:
    path.mkdir()
    writer: Any = Index(word_schema(), path=str(path), sort_by_field="count").writer(
        heap_size=50_000_000, num_threads=1
    )
    for word, count in words.items():
        if len(word) > 1 and not any(ch.isdigit() for ch in word):
            document = Document()
            document.add_text("word", fold(word))
            document.add_integer("count", count)
            writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def _linked(folder: Path, shelf: Path) -> str:
    """Return a folder of links to an index: tantivy makes a lock file where it opens, even to read."""
    shelf.mkdir()
    for file in folder.resolve().iterdir():
        if not file.name.endswith(".lock"):
            (shelf / file.name).symlink_to(file)
    return str(shelf)


def read(path: Path | str) -> tuple[Any, Any, Meta]:
    """Open an index read only: (concepts, words, meta); raise DamagedCatalog where it is not whole.

    Nothing is written into the folder. The links go at once: what is open stays mapped.
    """
    folder = Path(path)
    try:
        meta = msgspec.msgpack.decode((folder / "meta.msgpack").read_bytes(), type=Meta)
        # tantivy's own thread may put a file down while the folder is being taken away: that is no damage
        with TemporaryDirectory(prefix="plaincode-words-", ignore_cleanup_errors=True) as shelf:
            text, words = (
                Index.open(_linked(folder / name, Path(shelf) / name)) for name in ("text", "words")
            )
            text.register_tokenizer("stems", analyzer())
            for index in (text, words):
                index.config_reader(reload_policy="manual")
        rmtree(shelf, ignore_errors=True)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise DamagedCatalog(
            f"The text index cannot be opened: {error}.", where=str(folder), do="Build the catalog again."
        ) from None
    if meta.version != VERSION:
        raise DamagedCatalog(
            f"The text index has version {meta.version}, this program reads {VERSION}.",
            where=str(folder),
            do="Build the catalog again.",
        )
    return text, words, meta
