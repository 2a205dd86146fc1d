"""ICD-10-CM: diagnoses, from the tabular XML, the fixed-width order file and the plain code list.

The tabular XML states chapters, blocks, codes and notes; it leaves out the codes that a seventh
character makes, which are expanded here: a `sevenChrDef` holds for every code below that has none of
its own, a code of fewer than six characters is filled with X, and the long title is the code's, a
comma and the extension's words (so 50,978 of the 51,044 such titles in the list of FY2024; the rest
were reworded or have accents since). The one exception, S06 with sixth character 7 or 8, is read
from the note that states it.
The sections are a flat list: one without codes (C00-C96) holds those within its range that follow.
The order file governs which codes exist and which are billable; the XML the rest. Their long titles
are compared without case and accents, since the order file is ASCII. Notes are shown below by
inheritance and not repeated at expanded codes. The introduction of the XML is not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from plaincode import rows
from plaincode.errors import Refused
from plaincode.model import Concept, Note, Problem
from plaincode.systems import _fiscal
from plaincode.systems.seam import Claim, File, Licence, Record, System

__all__ = ["SYSTEM"]

ID = "icd10cm"
_BARE = re.compile(r"[A-Z](?:[0-9][0-9A-NP-Z]|[A-NP-Z][0-9])[0-9A-NP-Z]{0,4}")
_DOTTED = r"[A-Z](?:[0-9][0-9A-NP-Z]|[A-NP-Z][0-9])(?:\.[0-9A-NP-Z]{1,4})?"
_CODE = re.compile(_DOTTED)
_BLOCK = re.compile(r"[A-Z][0-9A-Z]{2}(?:-[A-Z][0-9A-Z]{2})?")
# A code in the words of a note; "O24.-" and "O24.4-" name the header, "E08-E13" both its ends.
_NAMED = re.compile(rf"(?<![0-9A-Za-z.]){_DOTTED}(?![0-9A-Za-z])")
_EXCEPTION = re.compile(
    r"7th characters? (?P<chars>[0-9A-Z](?:(?:, and |, | and | or )[0-9A-Z])*) do(?:es)? not apply to "
    r"codes in (?:sub)?category (?P<below>[0-9A-Z.]+) with 6th character (?P<sixth>.+)"
)
_KINDS = {
    "includes": "includes",
    "inclusionTerm": "inclusion-term",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code-first",
    "useAdditionalCode": "use-additional",
    "codeAlso": "code-also",
    "notes": "note",
}
_PLACE = {"name", "desc", "diag", "section", "sectionIndex"}


# ---------------------------------------------------------------- spelling

_TYPED = re.compile(
    r"\s*([A-Za-z])([0-9][0-9A-Za-z]|[Oo][0-9]|[A-Za-z][0-9])(?:\.?([0-9A-Za-z]{1,4}))?(?:\.?-|\.)?\s*"
).fullmatch
_GROUPED = re.compile(
    r"\s*(?:(chapter)-0?([1-9][0-9]?)|(block)-([A-Z][0-9A-Z]{2}(?:-[A-Z][0-9A-Z]{2})?))\s*",
    re.IGNORECASE | re.ASCII,
).fullmatch
# A zero for the letter O in front: only with the dot, and not where ICD-9-CM has the same shape.
_ZERO = re.compile(
    r"\s*0([0-9](?:[0-9](?=\.(?:[0-9]{3}|[0-9]?[0-9]?[A-Za-z]))|[A-Za-z](?=\.)))\.([0-9A-Za-z]{1,4})\s*"
).fullmatch


def normalise(text: str) -> str | None:
    """Return the canonical spelling (`e119` -> `E11.9`), or None where the text cannot be a code.

    The letter O stands only in front, so that it is read as zero anywhere else.
    """
    match = _TYPED(text)
    if match is None:
        return _normalise_rarely(text)
    first, head, tail = match.groups()
    if tail is None:
        return first.upper() + head.upper().replace("O", "0")
    return first.upper() + f"{head}.{tail}".upper().replace("O", "0")


def _normalise_rarely(text: str) -> str | None:
    match = _GROUPED(text)
    if match is not None:
        if match[1]:
            return f"chapter-{match[2]}"
        return f"block-{match[4].upper()}"
    match = _ZERO(text)
    if match is not None:
        return "O" + f"{match[1]}.{match[2]}".upper().replace("O", "0")
    return None


def _dotted(bare: str) -> str:
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


# ---------------------------------------------------------------- recognising


def recognise(file: File) -> Claim | None:
    """Return what a file is: `tabular`, `order` or `codes`. Raise Refused where no year is stated."""
    head = file.head()
    if b"<ICD10CM.tabular" in head:
        stated = re.search(rb"<version>\s*(20\d\d)\s*</version>", head)
        return _claim(file, "tabular", stated[1].decode() if stated else None)
    seen = _fiscal.glance(head)
    if seen is None or not all(_BARE.fullmatch(code) for code, _ in seen.codes):
        return None
    # ICD-10-PCS has the same two layouts, and codes of three (tables) and seven characters only.
    if all(len(code) == (7 if billable else 3) for code, billable in seen.codes):
        return None
    return _claim(file, seen.layout, None)


def _claim(file: File, layout: str, stated: str | None) -> Claim:
    edition = _fiscal.edition(file, stated)
    if edition is None:
        raise Refused(
            "This is an ICD-10-CM file, but nothing says of which year.",
            where=file.name,
            do="Give it the publisher's name, such as icd10cm_order_2026.txt.",
        )
    where = "in the file and, for the month, by its name" if stated else "by the name of the file"
    return Claim(layout, edition, notes=(f"The edition is stated {where}.",))


# ---------------------------------------------------------------- reading


@dataclass(slots=True)
class _Reading:
    """What one reading knows: the lists loaded beside the XML, the codes to link to, what was given."""

    file: str = ""
    listed: dict[str, _fiscal.Row] = field(default_factory=dict)
    full: bool = False  # an order file is loaded, which governs what exists
    known: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    out: list[Record] = field(default_factory=list)

    def problem(self, what: str, kept: bool = False, file: str = "", line: int | None = None) -> None:
        self.out.append(Problem(file or self.file, line, None, what, kept))


@dataclass(frozen=True, slots=True)
class _Seventh:
    """The seventh characters that hold below a code, and those that a note takes away again."""

    characters: Mapping[str, str]
    exceptions: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = ()

    def allowed(self, code: str) -> Iterator[tuple[str, str]]:
        """Yield (character, words) for one code without dot, filled up to six characters."""
        for character, words in self.characters.items():
            if not any(
                code.startswith(below) and code[5] in sixth and character in characters
                for below, sixth, characters in self.exceptions
            ):
                yield character, words


def read(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    """Yield the concepts and problems of one edition."""
    state = _Reading()
    for file, claim in sorted(files, key=lambda f: f[1].layout != "order"):
        if claim.layout in {"order", "codes"}:
            _list(state, file, claim.layout)
            yield from state.out
            state.out.clear()
    state.known |= state.listed.keys()
    tabular = [file for file, claim in files if claim.layout == "tabular"]
    for file in tabular:
        state.file = file.name
        with file.open() as stream:
            names = re.findall(rb"<name>\s*([A-Z][0-9A-Z.]+)\s*</name>", stream.read())
        state.known.update(name.decode() for name in names)
        with file.open() as stream:
            for chapter in rows.elements(stream, "chapter", name=file.name):
                _chapter(state, chapter)
                yield from state.out
                state.out.clear()
        if not state.given:
            raise Refused(
                "The file has no chapter with a code in it.", where=file.name, do="Load the publisher's file."
            )
    if tabular and state.full:
        missing = [code for code in state.listed if code not in state.given]
        for code in missing:
            what = f"{code} is in the order file and not in the tabular XML."
            yield Problem(state.file, state.listed[code].line, None, what, True)
    yield from _rest(state)


def _list(state: _Reading, file: File, layout: str) -> None:
    """Read an order file or code list into `listed`."""
    seen = set()
    for row in _fiscal.listed(file, layout, _BARE):
        if isinstance(row, Problem):
            state.out.append(row)
            continue
        code = _dotted(row.code)
        if code in seen:
            state.problem(f"{code} stands in the list twice.", file=file.name, line=row.line)
            continue
        seen.add(code)
        known = state.listed.setdefault(code, row)
        if known.long != row.long:
            what = f"The two lists name {code} differently: {known.long!r} and {row.long!r}."
            state.problem(what, True, file.name, row.line)
    state.full = state.full or layout == "order"


def _rest(state: _Reading) -> Iterator[Concept]:
    """Yield the listed codes that no XML gave; the parent is the longest header within the code."""
    headers = {c.replace(".", "") for c, row in state.listed.items() if row.billable is False}
    for code, row in state.listed.items():
        if code in state.given or (row.billable is None and state.given):
            continue  # a code list beside an XML adds nothing of its own
        ends = range(len(row.code) - 1, 2, -1)
        above = next((row.code[:end] for end in ends if row.code[:end] in headers), None)
        yield Concept(
            ID,
            code,
            row.long,
            kind="diagnosis" if row.billable is not False else "category",
            billable=row.billable is not False,
            parents=(_dotted(above),) if above else (),
            facts={"short": row.short} if row.short else {},
        )


def _chapter(state: _Reading, chapter: Element) -> None:
    number = _words(chapter.findtext("name"))
    if not re.fullmatch("[1-9][0-9]?", number):
        raise Refused(
            f"{number!r} is no chapter's number.", where=state.file, do="Load the publisher's file."
        )
    code = f"chapter-{number}"
    notes, terms = _notes(state, chapter)
    _group(state, code, "chapter", chapter, (), notes, terms)
    around: list[tuple[str, str, str]] = []  # blocks without codes of their own: code, first, last
    for section in chapter.findall("section"):
        name = (section.get("id") or "").strip()
        if not _BLOCK.fullmatch(name):
            state.problem(f"{name!r} is no section; it and all below is withheld.")
            continue
        first, last = name[:3], name[-3:]
        while around and not (around[-1][1] <= first and last <= around[-1][2]):
            around.pop()
        block = f"block-{name}"
        notes, terms = _notes(state, section)
        _group(state, block, "block", section, (around[-1][0] if around else code,), notes, terms)
        below = section.findall("diag")
        if not below:
            around.append((block, first, last))
        for diag in below:
            _diag(state, diag, block, None)


def _group(
    state: _Reading,
    code: str,
    kind: str,
    element: Element,
    parents: tuple[str, ...],
    notes: tuple[Note, ...],
    terms: tuple[str, ...],
) -> None:
    if code in state.given:
        state.problem(f"{code} stands in the file twice.")
        return
    state.given.add(code)
    display = _words(element.findtext("desc"))
    state.out.append(
        Concept(ID, code, display, kind=kind, billable=False, parents=parents, terms=terms, notes=notes)
    )


def _diag(state: _Reading, diag: Element, parent: str, above: _Seventh | None) -> None:
    """Add a code, those its seventh characters make, and all below it."""
    code, display = _words(diag.findtext("name")), _words(diag.findtext("desc"))
    if not _CODE.fullmatch(code) or not display:
        state.problem(f"{code!r} under {parent} is no code with a title; it and all below is withheld.")
        return
    if code in state.given:
        state.problem(f"{code} stands in the file twice; the second is withheld.")
        return
    notes, terms = _notes(state, diag)
    seventh = _seventh(state, diag, above)
    below = diag.findall("diag")
    header = bool(below) or seventh is not None
    facts: dict[str, Any] = {}
    if diag.get("placeholder"):
        facts["placeholder"] = True
    _code(state, code, display, parent, header, facts, terms, notes)
    for child in below:
        _diag(state, child, code, seventh)
    if seventh is None or below:
        return
    bare = code.replace(".", "").ljust(6, "X")
    for character, words in seventh.allowed(bare):
        made = _dotted(bare + character)
        if state.full and made not in state.listed:
            state.problem(f"{made} follows from the XML and is not in the order file; it is withheld.")
            continue
        facts = {"seventh_character": character, "extension": words}
        _code(state, made, f"{display}, {words}", code, False, facts, (), ())


def _code(
    state: _Reading,
    code: str,
    display: str,
    parent: str,
    header: bool,
    facts: dict[str, Any],
    terms: tuple[str, ...],
    notes: tuple[Note, ...],
) -> None:
    """Add one code as the XML has it, with the flag and short title of the order file."""
    row = state.listed.get(code)
    billable = not header
    if row is not None:
        if _folded(row.long) != _folded(display):
            state.problem(f"{code} is {display!r} in the XML and {row.long!r} in the list.", True)
        if row.billable is not None and row.billable != billable:
            state.problem(f"{code}: the order file says billable={row.billable}, the XML otherwise.", True)
            billable = row.billable
        if row.short:
            facts["short"] = row.short
    elif state.full:
        state.problem(f"{code} is in the XML and not in the order file.", True)
    state.given.add(code)
    kind = "diagnosis" if billable else "category"
    state.out.append(
        Concept(
            ID,
            code,
            display,
            kind=kind,
            billable=billable,
            parents=(parent,),
            terms=terms,
            notes=notes,
            facts=facts,
        )
    )


# ---------------------------------------------------------------- notes


def _notes(state: _Reading, element: Element) -> tuple[tuple[Note, ...], tuple[str, ...]]:
    """Return the notes at one element in their order, and its inclusion terms."""
    notes: list[Note] = []
    terms: list[str] = []
    for child in element:
        kind = _KINDS.get(child.tag)
        if kind is not None:
            texts = [_words(note.text) for note in child.findall("note")]
            if len(texts) != len(child):
                state.problem(f"A <{child.tag}> has something else than notes in it.", True)
            notes += [Note(kind, text, _named(state, text)) for text in texts if text]
            if kind == "inclusion-term":
                terms += [text for text in texts if text]
        elif child.tag == "sevenChrNote":
            text = _words(" ".join(child.itertext()))
            notes.append(Note("seventh-character", text, _named(state, text)))
        elif child.tag == "sevenChrDef":
            notes += [Note("seventh-character", text) for text in _extensions(child)]
        elif child.tag == "visualImpairment":
            notes.append(Note("note", _visual(child)))
        elif child.tag not in _PLACE:
            state.problem(f"<{child.tag}> is not known to the reader; its words are left out.", True)
    return tuple(notes), tuple(dict.fromkeys(terms))


def _extensions(definition: Element) -> Iterator[str]:
    """Yield `A: initial encounter` for each extension, with the terms that stand under it."""
    texts: list[str] = []
    for child in definition:
        if child.tag == "extension":
            texts.append(f"{child.get('char')}: {_words(child.text)}")
        elif texts:
            texts[-1] += f"; {_words(child.text)}"
    yield from texts


def _seventh(state: _Reading, diag: Element, above: _Seventh | None) -> _Seventh | None:
    """Return the seventh characters that hold at a code and below: its own, else those above."""
    found = diag.find("sevenChrDef")
    own = above
    if found is not None:
        characters = {e.get("char") or "": _words(e.text) for e in found.findall("extension")}
        if not all(len(c) == 1 and words for c, words in characters.items()):
            state.problem(
                f"{_words(diag.findtext('name'))}: an extension lacks its character or words.", True
            )
        own = _Seventh({c: words for c, words in characters.items() if len(c) == 1 and words})
    if own is None:
        return None
    exceptions = list(own.exceptions)
    for note in diag.iterfind("notes/note"):
        text = _words(note.text)
        if "7th character" not in text or "not apply" not in text:
            continue
        match = _EXCEPTION.search(text)
        if match is None:
            state.problem(f"A rule about seventh characters is not understood: {text!r}", True)
            continue
        exceptions.append(
            (
                match["below"].replace(".", ""),
                frozenset(re.findall(r"\b([0-9A-Z]) - ", match["sixth"])),
                frozenset(re.findall(r"\b[0-9A-Z]\b", match["chars"])),
            )
        )
    return _Seventh(own.characters, tuple(exceptions))


def _visual(table: Element) -> str:
    """Return the table of visual impairment as lines: category, then `less than` and `at least`."""
    lines = []
    for category in table.findall("visCategory"):
        heading = _words(category.findtext("heading"))
        ranges = []
        for span in category.findall("visRange"):
            ends = [
                _words(f"{_words(end.findtext('heading'))} {_words(end.findtext('value'))}")
                for end in span
                if end.tag in {"visMax", "visMin"}
            ]
            ranges.append(" / ".join(e for e in (_words(span.findtext("heading")), *ends) if e))
        lines.append(f"{heading or _words(category.findtext('value'))}: {'; '.join(ranges)}")
    return "\n".join(lines)


def _named(state: _Reading, text: str) -> tuple[str, ...]:
    """Return the codes that a note names, as far as this edition has them."""
    found = dict.fromkeys(_NAMED.findall(text))
    return tuple(c for c in found if c in state.known or (len(c) == 8 and _base(c) in state.known))


def _base(code: str) -> str:
    return code[:7].rstrip("X").rstrip(".") if code[6] == "X" else code[:7]


def _words(text: str | None) -> str:
    return " ".join(text.split()) if text else ""


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    return "".join(ch for ch in parts if not unicodedata.combining(ch)).lower()


SYSTEM = System(
    id=ID,
    name="ICD-10-CM",
    label="ICD-10-CM code",
    url="http://hl7.org/fhir/sid/icd-10-cm",
    omop="ICD10CM",
    publisher="National Center for Health Statistics (CDC) and Centers for Medicare & Medicaid Services",
    home="https://www.cdc.gov/nchs/icd/icd-10-cm/files.html",
    licence=Licence(
        name="Public domain (U.S. government work)",
        text="ICD-10-CM is published by the National Center for Health Statistics for free use. It is the"
        " U.S. clinical modification of ICD-10, whose copyright the World Health Organization holds.",
    ),
    syntax=rf"(?:{_DOTTED}|chapter-[1-9][0-9]?|block-[A-Z][0-9A-Z]{{2}}(?:-[A-Z][0-9A-Z]{{2}})?)",
    recognise=recognise,
    read=read,
    normalise=normalise,
    loading="Load the tabular XML and the order file of an edition, as the publisher's zips have them.",
    calendar=_fiscal.calendar,
    aliases=("icd10", "icd 10", "icd-10", "icd 10 cm", "icd10 cm", "urn:oid:2.16.840.1.113883.6.90"),
    size={"FY2026 (April 2026 update)": 98_186},  # 74,719 billable, 23,467 headers; groupings not counted
    order=20,
    starter=(("simple-icd-10-cm", "simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml", "tabular"),),
)
