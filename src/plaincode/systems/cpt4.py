"""CPT: the numbers from public lists; the words only out of the user's own licensed AMA data files.

AMA data files, as their public readers document them (AMA's own `datalabs.curate.cpt.descriptor`, OpenEMR,
ISAAC, NLM's CPT source page): some 32 lines of copyright notice, an empty line, then one row a code.
`LONGULT.txt`: code, tab, descriptor in full. `MEDU.txt` and `SHORTU.txt`: code in columns 1-5, a space (a
tab in quarterly files), at most 48 and 28 characters. `ConsumerDescriptor.txt`: no notice, a header, then
concept id, code, words, tab-separated. UTF-8 or Windows-1252. The notice states a copyright year; a
year's codes carry the copyright of the year before ("1983-2019" stands in CPT 2020).

>>> SYSTEM.normalise("0001f"), SYSTEM.normalise(" 99213"), SYSTEM.normalise("9921E")
('0001F', '99213', None)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import IO

from plaincode.errors import Refused
from plaincode.model import Concept, Problem
from plaincode.rows import lines, table
from plaincode.systems import _numbers
from plaincode.systems.seam import Claim, Edition, File, Licence, Record, System

_CODE = re.compile(r"[0-9]{4}[0-9AFMTU]", re.ASCII)
_SPELLING = re.compile(r"[0-9]{4}[0-9AFMTU]|[0-9]{2}|P[1-6]|[1-8]P", re.ASCII)
_GROUP = re.compile(r"RANGE-(?:[0-9]{2,3}[AFMTU]?|MODIFIERS)", re.ASCII)
_ROW = re.compile(r"([0-9]{4}[0-9A-Z])[\t ](.*\S)\s*")
_YEAR = re.compile(
    r"copyright.{0,80}?-\s*(20[0-9]{2})\s+American Medical Association", re.DOTALL | re.IGNORECASE
)
_CONSUMER = ("Concept Id", "CPT Code", "Consumer Friendly Descriptor")
_NAMES = {"longult": "ama-long", "medu": "ama-medium", "shortu": "ama-short"}
_HEADER_LINES = 60
_CATEGORY = {
    "A": "Category I (vaccine administration)",
    "F": "Category II",
    "T": "Category III",
    "U": "Proprietary laboratory analysis",
    "M": "Administrative (multianalyte assay)",
}


def _edition(year: int) -> Edition:
    return Edition(str(year), f"CPT {year}", f"{year}-01-01", f"{year}-12-31")


def calendar(on: date) -> Edition:
    """Return the year in force on a day; changes within a year are not told apart."""
    return _edition(on.year)


def normalise(text: str) -> str | None:
    """Return the number or modifier in capitals, or None where the text cannot be one."""
    text = text.strip().upper()
    if _SPELLING.fullmatch(text):
        return text
    if _GROUP.fullmatch(text):
        return "range-modifiers" if text == "RANGE-MODIFIERS" else f"range-{text[6:]}"
    return None


def recognise(file: File) -> Claim | None:
    """Return the claim of a starter list or of an AMA data file."""
    if file.layout is not None:
        return _numbers.recognise(file)
    head = _text(file.head())
    if head.startswith("\t".join(_CONSUMER)):
        return Claim("ama-consumer", None, part=True)
    stem = file.name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    year = _YEAR.search(head)
    if stem not in _NAMES or year is None:
        return None
    layout = _NAMES[stem]
    return Claim(
        layout,
        _edition(int(year[1]) + 1),
        part=layout != "ama-long",
        notes=(f"The file states copyright {year[1]}, which CPT {int(year[1]) + 1} carries.",),
    )


def read(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    """Yield the numbers of every list, or the codes and words of licensed files."""
    lists = [pair for pair in files if pair[1].layout in _numbers.LAYOUTS]
    if lists:
        for record in _numbers.read_numbers("cpt4", lists, _CODE):
            if isinstance(record, Concept) and record.kind == "code":
                yield replace(record, facts={"category": category(record.code), **record.facts})
            else:
                yield record
    licensed = [pair for pair in files if pair[1].layout.startswith("ama-")]
    if licensed:
        yield from _licensed(licensed)


def category(code: str) -> str:
    """Return the category of CPT that the shape of a number says."""
    return _CATEGORY.get(code[-1], "Category I")


def _licensed(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    words: dict[str, dict[str, str]] = {"ama-long": {}, "ama-medium": {}, "ama-short": {}, "ama-consumer": {}}
    for file, claim in files:
        found = words[claim.layout]
        rows = _consumer(file) if claim.layout == "ama-consumer" else _descriptors(file)
        for number, code, text in rows:
            if not _CODE.fullmatch(code):
                yield Problem(file.name, number, "code", "Not the shape of a CPT number.")
            elif claim.layout == "ama-consumer" and code in found:
                found[code] = f"{found[code]}\n{text}"  # a code may have several lay descriptors
            elif code in found:
                yield Problem(file.name, number, "code", f"{code} stands twice.")
            else:
                found[code] = text
    long = words.pop("ama-long")
    if not long:
        raise Refused(
            "The short, medium and consumer descriptors alone are not enough.",
            where=", ".join(file.name for file, _ in files),
            do="Load LONGULT.txt beside them.",
        )
    for code, text in sorted(long.items()):
        others = [part for found in words.values() for part in found.get(code, "").split("\n") if part]
        yield Concept(
            "cpt4",
            code,
            display=text,
            billable=True,
            parents=_numbers.parent(code),
            terms=tuple(dict.fromkeys(other for other in others if other != text)),
            facts={"category": category(code)},
        )
    yield from _numbers.ranges("cpt4", sorted(long))
    main = next((file.name for file, claim in files if claim.layout == "ama-long"), "")
    for layout, found in words.items():
        lost = sorted(found.keys() - long.keys())
        if lost:
            what = f"{len(lost)} codes of {layout} are not in the long file, {lost[0]} first."
            yield Problem(main, None, "code", what, kept=True)


def _descriptors(file: File) -> Iterator[tuple[int, str, str]]:
    """Yield (line, code, words) below the notice; what is no row gives an empty code."""
    started = False
    notice: list[str] = []
    for number, text in _lines(file):
        found = _ROW.fullmatch(text)
        if not started:
            if found is None or not found[1][:4].isdigit():
                notice.append(text)
                if len(notice) > _HEADER_LINES:
                    raise Refused("No row of codes below the notice.", where=file.name)
                continue
            started = True
            if "American Medical Association" not in " ".join(notice):
                raise Refused("The notice of the American Medical Association is missing.", where=file.name)
        if text.strip():
            yield (number, found[1], found[2].strip()) if found else (number, "", "")


def _consumer(file: File) -> Iterator[tuple[int, str, str]]:
    with _decoded(file) as stream:
        for number, row in table(stream, _CONSUMER, delimiter="\t", quotes=False, name=file.name):
            yield number, row["CPT Code"].strip(), row["Consumer Friendly Descriptor"].strip()


def _lines(file: File) -> Iterator[tuple[int, str]]:
    with _decoded(file) as stream:
        yield from lines(stream, name=file.name)


def _decoded(file: File) -> IO[bytes]:
    """Return the file as UTF-8: AMA has used both UTF-8 and Windows-1252."""
    with file.open() as stream:
        return io.BytesIO(_text(stream.read()).encode())


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


SYSTEM = System(
    id="cpt4",
    name="CPT",
    label="CPT4 code",
    url="http://www.ama-assn.org/go/cpt",
    omop="CPT4",
    publisher="American Medical Association",
    home="https://www.ama-assn.org/practice-management/cpt",
    licence=Licence(
        "American Medical Association, licence needed for the words",
        "The numbers come from public lists. Descriptors are the American Medical Association's; they appear"
        " only where a licensed data file of one's own is loaded, and are left out of exports.",
        show=True,
        export=False,
        notice="CPT is a registered trademark of the American Medical Association. plaincode is neither"
        " affiliated with nor endorsed by the American Medical Association.",
    ),
    syntax=r"[0-9]{4}[0-9AFMTU]|[0-9]{2}|P[1-6]|[1-8]P|range-(?:[0-9]{2,3}[AFMTU]?|modifiers)",
    recognise=recognise,
    read=read,
    normalise=normalise,
    loading="Official words need a licence of the American Medical Association: build with LONGULT.txt of"
    " your own CPT data files (MEDU.txt, SHORTU.txt and ConsumerDescriptor.txt beside it if you have them).",
    calendar=calendar,
    aliases=("cpt", "cpt-4", "hcpcs level i", "urn:oid:2.16.840.1.113883.6.12"),
    order=30,
    starter=_numbers.STARTER,
    place=partial(_numbers.place, "cpt4"),
)
