"""Written guides: read a Markdown file strictly, and render it for one of its codes.

The format is in `content/guides/README.md`. Every breach of it is a ContentError with file and line; what
a reader can take but a writer must mend is reported by `plaincode.guides.check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from plaincode.content import Known, Tree, codes, tree
from plaincode.errors import ContentError
from plaincode.guides.grade import grade, section_texts
from plaincode.guides.kinds import DIFFERENT, HEADINGS, OPTIONAL, slug
from plaincode.model import Block, Guide, GuideSource, Key, Section

__all__ = [
    "BADGE_CHECKED",
    "BADGE_DRAFT",
    "GENERAL",
    "GuideFile",
    "Part",
    "Piece",
    "SecondReading",
    "Support",
    "Withheld",
    "read",
    "render",
]

BADGE_CHECKED = "AI-written, source-checked by a second AI reader"
BADGE_DRAFT = "AI draft, not checked"
GENERAL = "general knowledge"

_STEP = re.compile(r"\d+\. +(.*)")
_SOURCES = re.compile(r"Sources(?::| for\b)")
_SOURCES_LINE = re.compile(r"Sources(?: for (?P<codes>[^:]*[^:\s]))?:(?P<ids>.*)")
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_FOREIGN = re.compile(r"[#|>`*]|<[a-zA-Z/!]|\[[^\]]*\]\(|~~|__")


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as written; `only` names the codes it holds for (None: all of them)."""

    kind: str
    text: str
    items: tuple[str, ...]
    only: frozenset[Key] | None
    line: int


@dataclass(frozen=True, slots=True)
class Part:
    """A section as written. `sources` holds for every code, `own` for one more each.

    Either may hold `general knowledge`, which is the id of no source.
    """

    heading: str
    line: int
    pieces: tuple[Piece, ...]
    sources: tuple[str, ...]
    own: Mapping[Key, tuple[str, ...]]

    def cited(self, key: Key) -> tuple[str, ...]:
        """Return what the section cites for a code: the common ones first, general knowledge last."""
        named = (*self.sources, *self.own.get(key, ()))
        return (*(i for i in named if i != GENERAL), *((GENERAL,) if GENERAL in named else ()))

    @property
    def named(self) -> frozenset[str]:
        """Return the sources that the section names for any code."""
        return frozenset((*self.sources, *(i for ids in self.own.values() for i in ids))) - {GENERAL}


@dataclass(frozen=True, slots=True)
class Support:
    """What a source gave a section, in our own words."""

    section: str
    source: str
    fact: str
    line: int


@dataclass(frozen=True, slots=True)
class SecondReading:
    """Who read the guide against its sources, when, and the verdict on each section."""

    date: str
    reader: str
    sections: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A section that does not hold for some codes."""

    section: str
    keys: frozenset[Key]
    why: str


@dataclass(frozen=True, slots=True)
class GuideFile:
    """A guide as written. `unknown` are the entries of `codes` that name nothing that exists."""

    name: str
    title: str
    kind: str
    keys: tuple[Key, ...]
    unknown: tuple[str, ...]
    written: str
    sources: tuple[GuideSource, ...]
    supports: tuple[Support, ...]
    reading: SecondReading | None
    withhold: tuple[Withheld, ...]
    parts: tuple[Part, ...]

    @property
    def badge(self) -> str:
        """Return the badge: checked only where the second reading of every section is on file."""
        read_sections = self.reading.sections if self.reading else {}
        whole = bool(self.parts) and all(part.heading in read_sections for part in self.parts)
        return BADGE_CHECKED if whole else BADGE_DRAFT


# ---------------------------------------------------------------- reading


def read(path: Path, known: Known, *, name: str | None = None) -> GuideFile:
    """Read one guide file; `known` tells which codes exist. Raise ContentError with file and line."""
    name = name or path.name
    try:
        lines = path.read_bytes().decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise ContentError("The file is not UTF-8 text.", where=name) from None
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        raise ContentError(
            "The front matter is missing.", where=f"{name}, line 1", do="Begin with a line ---."
        )
    end = lines.index("---", 1)
    front = tree("\n".join(lines[1:end]), name, first_line=2)
    front.mapping(
        ("title", "kind", "codes", "written"), ("sources", "supports", "second_reading", "withhold")
    )
    kind = front.text("kind") or ""
    if kind not in HEADINGS:
        raise ContentError(
            f"The kind {kind!r} is not known.", where=front.where("kind"), do=f"Known: {', '.join(HEADINGS)}."
        )
    keys: list[Key] = []
    unknown: list[str] = []
    for number, entry in enumerate(front.texts("codes")):
        found, exists = codes(entry, known, where=front.where("codes", number))
        keys += [key for key in found if key not in keys]
        unknown += [] if exists else [entry]
    sources = tuple(_sources(front))
    body = _Body(name, kind, keys, known, frozenset(source.id for source in sources))
    return GuideFile(
        name=name,
        title=front.text("title") or "",
        kind=kind,
        keys=tuple(keys),
        unknown=tuple(unknown),
        written=front.text("written") or "",
        sources=sources,
        supports=tuple(_supports(front)),
        reading=_reading(front, kind),
        withhold=tuple(_withhold(front, known)),
        parts=tuple(body.parts(lines, end + 1)),
    )


def _sources(front: Tree) -> Iterator[GuideSource]:
    for number, _ in enumerate(front.items("sources")):
        at = ("sources", number)
        front.mapping(("id", "title", "publisher", "address", "seen"), (), *at)
        texts = [front.text(*at, field) or "" for field in ("id", "title", "publisher", "address", "seen")]
        yield GuideSource(*texts)


def _supports(front: Tree) -> Iterator[Support]:
    for number, _ in enumerate(front.items("supports")):
        at = ("supports", number)
        front.mapping(("section", "source", "fact"), (), *at)
        section, source, fact = (front.text(*at, field) or "" for field in ("section", "source", "fact"))
        yield Support(section, source, fact, front.line(*at))


def _reading(front: Tree, kind: str) -> SecondReading | None:
    if front.at("second_reading") is None:
        return None
    front.mapping(("date", "reader", "sections"), (), "second_reading")
    verdicts = front.at("second_reading", "sections")
    if not isinstance(verdicts, dict):
        raise ContentError(
            "A verdict for each section is expected.", where=front.where("second_reading", "sections")
        )
    for heading in verdicts:
        at = ("second_reading", "sections", heading)
        words = front.text(*at) or ""
        if heading not in HEADINGS[kind] and heading not in OPTIONAL:
            raise ContentError(f"{heading!r} is no section of this kind.", where=front.where(*at))
        if words != "supported" and not re.match(r"(changed|removed): \S|supported[,;:] \S", words):
            raise ContentError(
                f"The verdict {words!r} is not known.",
                where=front.where(*at),
                do="Write supported, changed: what, or removed: what.",
            )
    return SecondReading(
        front.text("second_reading", "date") or "", front.text("second_reading", "reader") or "", verdicts
    )


def _withhold(front: Tree, known: Known) -> Iterator[Withheld]:
    for number, _ in enumerate(front.items("withhold")):
        at = ("withhold", number)
        front.mapping(("section", "codes", "why"), (), *at)
        found: set[Key] = set()
        for entry in front.texts(*at, "codes"):
            found.update(codes(entry, known, where=front.where(*at))[0])
        yield Withheld(front.text(*at, "section") or "", frozenset(found), front.text(*at, "why") or "")


class _Body:
    """The state of reading one body, line by line."""

    def __init__(
        self, name: str, kind: str, keys: Sequence[Key], known: Known, sources: frozenset[str]
    ) -> None:
        self.name, self.kind, self.keys, self.known, self.ids = name, kind, keys, known, sources
        self.number = 0
        self.sources: tuple[str, ...] | None = None
        self.own: dict[Key, tuple[str, ...]] = {}
        self.only: frozenset[Key] | None = None
        self.open: tuple[str, list[str], int] | None = None
        self.pieces: list[Piece] = []

    def parts(self, lines: Sequence[str], start: int) -> Iterator[Part]:
        """Yield each section of the body."""
        heading, at, seen = "", 0, set[str]()
        for self.number, line in enumerate(lines[start:], start=start + 1):
            text = line.rstrip()
            if text.startswith("## "):
                if heading:
                    yield self._part(heading, at)
                heading, at = text[3:].strip(), self.number
                if heading not in HEADINGS[self.kind] and heading not in OPTIONAL:
                    self._fail(f"The heading {heading!r} is not one of the kind {self.kind}.")
                if heading in seen:
                    self._fail(f"The heading {heading!r} stands twice.")
                seen.add(heading)
            elif text and not heading:
                self._fail("Text stands before the first heading.")
            elif _SOURCES.match(text):
                self._cite(text)
            elif text and (self.sources is not None or self.own):
                self._fail("Text stands after the line that ends the section.")
            else:
                self._line(text)
        if heading:
            yield self._part(heading, at)

    def _cite(self, text: str) -> None:
        """Take a line `Sources: …`, or `Sources for CODE CODE: …`."""
        if self.only is not None:
            self._fail("The sources stand inside a block for some of the codes.")
        self._close()
        line = _SOURCES_LINE.fullmatch(text)
        if line is None:
            self._fail("Sources for some of the codes are written `Sources for 62280: one, two`.")
        ids = tuple(filter(None, (i.strip() for i in line["ids"].split(","))))
        for name in ids:
            if name != GENERAL and name not in self.ids:
                self._fail(f"The source {name!r} is not in the front matter.")
        if line["codes"] is None:
            if self.sources is not None:
                self._fail("The line `Sources:` stands twice in this section.")
            self.sources = ids
            return
        if not ids:
            self._fail("The line names no source.")
        for key in self._keys(line["codes"]):
            self.own[key] = self.own.get(key, ()) + ids

    def _line(self, text: str) -> None:
        if not text:
            self._close()
        elif text.startswith(":::"):
            self._close()
            self._fence(text)
        elif text.startswith("### "):
            self._close()
            self.pieces.append(Piece("heading", self._plain(text[4:].strip()), (), self.only, self.number))
        elif text.startswith("- "):
            self._item("list", text[2:])
        elif step := _STEP.fullmatch(text):
            self._item("steps", step[1])
        elif self.open:
            self.open[1][-1] += " " + self._plain(text.strip())
        else:
            self.open = ("paragraph", [self._plain(text.strip())], self.number)

    def _item(self, kind: str, text: str) -> None:
        if self.open is None or self.open[0] != kind:
            self._close()
            self.open = (kind, [], self.number)
        self.open[1].append(self._plain(text.strip()))

    def _fence(self, text: str) -> None:
        if text == ":::":
            if self.only is None:
                self._fail("A block ends here that did not begin.")
            self.only = None
            return
        if self.only is not None or not text.startswith("::: only "):
            self._fail("A block for some of the codes is written `::: only 62280`, and is not nested.")
        self.only = self._keys(text.removeprefix("::: only "))

    def _keys(self, text: str) -> frozenset[Key]:
        """Return the codes named, all of which the guide is about."""
        found: set[Key] = set()
        for entry in text.split():
            named, _ = codes(entry, self.known, where=f"{self.name}, line {self.number}")
            if strangers := [str(key) for key in named if key not in self.keys]:
                self._fail(f"The guide is not about {', '.join(strangers)}.")
            found.update(named)
        return frozenset(found)

    def _plain(self, text: str) -> str:
        plain = _STRONG.sub(r"\1", text)
        if _FOREIGN.search(plain):
            self._fail("Only paragraphs, lists, steps, ### groups and **strong words** are known here.")
        return plain

    def _close(self) -> None:
        if self.open:
            kind, texts, line = self.open
            text, items = (texts[0], ()) if kind == "paragraph" else ("", tuple(texts))
            self.pieces.append(Piece(kind, text, items, self.only, line))
            self.open = None

    def _part(self, heading: str, at: int) -> Part:
        self._close()
        if self.only is not None:
            self._fail(f"A block in {heading!r} is not closed.")
        part = Part(heading, at, tuple(self.pieces), self.sources or (), self.own)
        self.pieces, self.sources, self.own = [], None, {}
        return part

    def _fail(self, what: str) -> NoReturn:
        raise ContentError(what, where=f"{self.name}, line {self.number}")


# ---------------------------------------------------------------- rendering


def render(
    guide: GuideFile,
    key: Key,
    *,
    release: str,
    terms: Sequence[str] = (),
    different: Section | None = None,
) -> Guide:
    """Return the guide as it reads for one of its codes.

    `terms` are the titles of the code, for the adjusted grade. `different` is the composed section on
    what sets the code apart: it stands before the questions, and what a writer added under the same
    heading follows in it. A section in which the writer marked general knowledge has `general
    knowledge` among its sources.
    """
    if key not in guide.keys:
        raise ContentError(f"The guide is not about {key}.", where=guide.name)
    sections: list[Section] = []
    not_known: list[str] = []
    for part in guide.parts:
        why = [w.why for w in guide.withhold if w.section == part.heading and key in w.keys]
        if why:
            not_known.append(f"{part.heading}: {why[0]}")
            continue
        sections.append(section(part, key))
    graded = grade([text for s in sections for text in section_texts(s)], terms=(guide.title, *terms))
    if different is not None:
        _insert(sections, different)
    named = {source for s in sections for source in s.sources}
    return Guide(
        system=key.system,
        code=key.code,
        kind=guide.kind,
        status="written",
        badge=guide.badge,
        title=guide.title,
        sections=tuple(sections),
        not_known=tuple(not_known),
        grade={"adjusted": graded.adjusted, "raw": graded.raw},
        sources=tuple(s for s in guide.sources if s.id in named),
        release=release,
        checked=guide.reading.date if guide.reading and guide.badge == BADGE_CHECKED else None,
    )


def section(part: Part, key: Key) -> Section:
    """Return one section as it reads for a code; lists that follow each other become one.

    The marks of `**strong words**` are for the writer and fall away.
    """
    blocks: list[Block] = []
    for piece in part.pieces:
        if piece.only is not None and key not in piece.only:
            continue
        if piece.items and blocks and blocks[-1].kind == piece.kind:
            blocks[-1] = Block(piece.kind, items=blocks[-1].items + piece.items)
        else:
            blocks.append(Block(piece.kind, piece.text, piece.items))
    return Section(
        key=slug(part.heading),
        heading=part.heading,
        text="\n\n".join(b.text for b in blocks if b.kind == "paragraph"),
        items=tuple(item for b in blocks for item in b.items),
        sources=part.cited(key),
        blocks=tuple(blocks),
    )


def _insert(sections: list[Section], different: Section) -> None:
    """Put the composed section in its place."""
    for number, own in enumerate(sections):
        if own.heading == DIFFERENT:
            sections[number] = replace(
                own,
                text="\n\n".join(filter(None, (different.text, own.text))),
                items=different.items + own.items,
                blocks=different.blocks + own.blocks,
            )
            return
    at = next((n for n, s in enumerate(sections) if s.heading in OPTIONAL), len(sections))
    sections.insert(at, different)
