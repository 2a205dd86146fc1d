"""HCPCS Level II: CMS's file of codes and modifiers, and the numbers from public lists without it.

Read are the ANWEB file as text or workbook (`_anweb`), the list of not-otherwise-classified codes, and two
tables made from the file: all columns (July 2024) and the words in full (October 2025). Where several give
the same edition, the first in `_ORDER` is read. `NOC_Codes_2017.txt` has no title and lists 992 codes, most
of them classified: it is not taken for the list; the workbook of 2017 is (139). Facts keep CMS's column
names. CMS published yearly until 2019 and has published every quarter since. D codes are the American Dental
Association's: number only.

>>> SYSTEM.normalise("j0585"), SYSTEM.normalise("JO585"), SYSTEM.normalise("rt"), SYSTEM.normalise("99213")
('J0585', 'J0585', 'RT', None)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from plaincode.errors import Refused
from plaincode.model import Concept, Key, Problem, Relation
from plaincode.rows import lines, sheet, table
from plaincode.systems import _numbers
from plaincode.systems._anweb import COLUMNS, RECORD, Entry, book_entries, text_entries
from plaincode.systems.seam import Claim, Edition, File, Licence, Record, System

_CODE = re.compile(r"[A-Z][0-9]{4}", re.ASCII)
_SPELLING = re.compile(r"[A-Z][0-9]{4}|[A-Z][A-Z0-9]", re.ASCII)
_GROUP = re.compile(r"RANGE-(?:[A-Z][0-9]{1,2}|MODIFIERS)", re.ASCII)
_NUMBER = re.compile(r"[0-9]{4}[0-9AFMTU]", re.ASCII)
_NAME = re.compile(r"hcpc[a-z]*_?(20[0-9]{2}|[0-9]{2})(?![0-9])_?([a-z]{3}|0[1-9]|1[0-2])?", re.IGNORECASE)
_TABLE_NAME = re.compile(r"(20[0-9]{2})[-_]?([a-z]{3}|0[1-9]|1[0-2])", re.IGNORECASE)
_NOC_NAME = re.compile(r"noc[_ ]codes[_ ]*(20[0-9]{2})", re.IGNORECASE)
_NOC_TITLE = re.compile(r"NOC CODES - HCPCS (20[0-9]{2})")
_QUARTERS = {"jan": 1, "apr": 4, "jul": 7, "oct": 10, "01": 1, "04": 4, "07": 7, "10": 10}
_MONTHS = {1: "January", 4: "April", 7: "July", 10: "October"}
_LAST = {1: "03-31", 4: "06-30", 7: "09-30", 10: "12-31"}
_FULL = (
    "hcpcs_code", "price", "multi", "cov", "betos", "tos", "action", "cim", "mcm", "statute", "lab", "xref",
    "asc_grp", "proc", "anes", "date_term", "date_added", "date_asc", "date_action", "long_description",
    "short_description",
)  # fmt: skip
_SAME = {
    "multi": "MULT_PI", "cov": "COV", "betos": "BETOS", "action": "ACTION CD", "statute": "STATUTE",
    "asc_grp": "ASC_GRP", "proc": "PROCNOTE", "anes": "ANEST_BU", "date_term": "TERM DT",
    "date_added": "ADD DT", "date_asc": "ASC_DT", "date_action": "ACT EFF DT",
}  # fmt: skip
_MANY = {"price": "PRICE", "tos": "TOS", "cim": "CIM", "mcm": "MCM", "lab": "LABCERT", "xref": "XREF"}
_WORDS = ("code", "long_description")
_NOC = ("hcpcs", "long_description", "add_date", "term_date")
_ORDER = ("anweb", "anweb-book", "full-table", "words-table")
_ADA = "American Dental Association (CDT)"


def _edition(year: int, month: int) -> Edition:
    """Return the edition of a year (until 2019) or of a quarter."""
    if year < 2020:
        return Edition(str(year), f"HCPCS Level II {year}", f"{year}-01-01", f"{year}-12-31")
    name = _MONTHS[month]
    first, last = f"{year}-{month:02d}-01", f"{year}-{_LAST[month]}"
    return Edition(f"{year} {name}", f"HCPCS Level II, {name} {year}", first, last)


def calendar(on: date) -> Edition:
    """Return the edition in force on a day."""
    return _edition(on.year, (on.month - 1) // 3 * 3 + 1)


def normalise(text: str) -> str | None:
    """Return the code or modifier in capitals, letter O after the first place read as zero, or None."""
    text = text.strip().upper()
    if _SPELLING.fullmatch(text):
        return text
    if len(text) == 5 and "O" in text:
        text = text[0] + text[1:].replace("O", "0")
        return text if _CODE.fullmatch(text) else None
    if _GROUP.fullmatch(text):
        return "range-modifiers" if text == "RANGE-MODIFIERS" else f"range-{text[6:]}"
    return None


def recognise(file: File) -> Claim | None:
    """Return the claim of a starter list, or of a HCPCS file by its name and first rows."""
    if file.layout is not None:
        return _numbers.recognise(file)
    name = file.name.replace("\\", "/").rsplit("/", 1)[-1]
    head = file.head()
    if head.startswith(b"PK\x03\x04"):
        if not name.lower().endswith(".xlsx"):
            return None
        if "anweb" in name.lower():
            return Claim("anweb-book", _from_name(_NAME, name))
        noc = _NOC_NAME.match(name)
        return Claim("noc-book", _edition(int(noc[1]), 1), part=True) if noc else None
    text = head.decode("latin-1").removeprefix("\xef\xbb\xbf")
    rows = text.splitlines()
    first = rows[0] if rows else ""
    if first.split(",") == list(_FULL):
        return Claim("full-table", _from_name(_TABLE_NAME, name))
    if first.split(",") == list(_NOC):
        return Claim("noc-table", _from_name(_TABLE_NAME, name), part=True)
    if first.split(",") == list(_WORDS) and name.lower().startswith("hcpcs"):
        return Claim("words-table", _from_name(_TABLE_NAME, name))
    title = _NOC_TITLE.search(first)
    if title:
        return Claim("noc", _edition(int(title[1]), 1), part=True)
    whole = rows[:-1] if len(head) == 4096 else rows
    records = [row for row in whole if RECORD.fullmatch(row) and len(row) in {91, 320}]
    return Claim("anweb", _from_name(_NAME, name)) if records else None


def _from_name(pattern: re.Pattern[str], name: str) -> Edition | None:
    """Return the edition that a file's name states, or None."""
    found = pattern.search(name)
    if not found:
        return None
    year = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
    month = _QUARTERS.get((found[2] or "jan").lower())
    if year < 2020 or month is None:
        month = 1
    return _edition(year, month)


def read(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    """Yield the numbers of every list, or the codes, modifiers and groupings of an edition."""
    lists = [pair for pair in files if pair[1].layout in _numbers.LAYOUTS]
    if lists:
        for record in _numbers.read_numbers("hcpcs", lists, _CODE):
            if isinstance(record, Concept) and record.kind == "code" and record.code[0] == "D":
                record.facts["owner"] = _ADA  # type: ignore[index]
            yield record
    official = [pair for pair in files if pair[1].layout not in _numbers.LAYOUTS]
    if official:
        yield from _official(official)


def _official(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    main = sorted(
        (pair for pair in files if pair[1].layout in _ORDER), key=lambda pair: _ORDER.index(pair[1].layout)
    )
    if not main:
        raise Refused(
            "A list of not-otherwise-classified codes alone is not enough.",
            where=", ".join(file.name for file, _ in files),
            do="Load the HCPC..._ANWEB file of the same edition beside it.",
        )
    file, claim = main[0]
    if claim.edition is None:
        raise Refused(
            "The file's name does not say which edition it is.",
            where=file.name,
            do="Keep the publisher's name, such as HCPC2025_OCT_ANWEB.txt.",
        )
    for other, _ in main[1:]:
        yield Problem(other.name, None, None, f"The same edition as {file.name}; not read.", kept=True)
    noc: dict[str, str] = {}
    for part, its in files:
        if its.layout.startswith("noc"):
            for code in _noc(part, its.layout):
                noc.setdefault(code, part.name)
    codes: list[str] = []
    for record in _entries(file, claim):
        if isinstance(record, Problem):
            yield record
            continue
        codes.append(record.code)
        yield _concept(record, claim, known=record.code in noc)
        yield from _replaced(record, claim.edition)
    yield from _numbers.ranges("hcpcs", codes)
    for code in sorted(noc.keys() - set(codes)):
        yield Problem(noc[code], None, "HCPCS", f"{code} is not in {file.name}.", kept=True)


def _entries(file: File, claim: Claim) -> Iterator[Entry | Problem]:
    """Yield the entries of one file, each number once."""
    seen: set[str] = set()
    version = claim.edition.version if claim.edition else ""
    source = {"anweb": text_entries, "anweb-book": book_entries, "full-table": _full_rows}
    for entry in source.get(claim.layout, _word_rows)(file, version):
        if isinstance(entry, Entry):
            if entry.code in seen:
                yield Problem(file.name, entry.line, "HCPC", f"{entry.code} stands twice.")
                continue
            seen.add(entry.code)
        yield entry


def _full_rows(file: File, _version: str) -> Iterator[Entry | Problem]:
    with file.open() as stream:
        for line, row in table(stream, _FULL, name=file.name):
            facts = {
                _SAME[c]: v.replace("-", "") if c.startswith("date") else v
                for c, v in row.items()
                if c in _SAME
            }
            for column, stem in _MANY.items():
                for i, value in enumerate(re.split(r":|, *", row[column]), start=1):
                    facts[f"{stem}{i}"] = value
            facts = {column: facts[column] for column in COLUMNS if facts.get(column)}
            code, words = row["hcpcs_code"], row["long_description"].strip()
            if not _CODE.fullmatch(code) or not words:
                yield Problem(
                    file.name, line, "hcpcs_code", f"{code or 'A row'} is no code, or has no words."
                )
            else:
                yield Entry(code, "3", line, 100, [words], row["short_description"].strip(), facts)


def _word_rows(file: File, _version: str) -> Iterator[Entry | Problem]:
    with file.open() as stream:
        for line, row in table(stream, _WORDS, name=file.name):
            code, words = row["code"].strip(), row["long_description"].strip()
            if not _SPELLING.fullmatch(code) or not words:
                yield Problem(file.name, line, "code", f"{code or 'A row'} is no code, or has no words.")
            else:
                yield Entry(code, "3" if len(code) == 5 else "7", line, 100, [words], "")


def _noc(file: File, layout: str) -> Iterator[str]:
    """Yield the codes of a list of not-otherwise-classified codes; its words may be cut and are not read."""
    with file.open() as stream:
        if layout == "noc-book":
            first = [str(row[0]).strip() for _, row in sheet(stream, name=file.name) if row]
        elif layout == "noc-table":
            first = [row["hcpcs"].strip() for _, row in table(stream, _NOC, name=file.name)]
        else:
            first = [
                text.split()[0]
                for _, text in lines(stream, encoding="latin-1", name=file.name)
                if text.strip()
            ]
    if layout != "noc-table" and "HCPCS" not in first:
        raise Refused("The list has no header.", where=file.name)
    yield from dict.fromkeys(code for code in first if _CODE.fullmatch(code))


def _concept(entry: Entry, claim: Claim, *, known: bool) -> Concept:
    """Return the concept of an entry; `known`: the publisher lists it as not otherwise classified.

    A code whose last day lies beyond the edition is active in it. A table of words states no last days.
    """
    last = _numbers.day(entry.facts.get("TERM DT", ""))
    until = claim.edition.until if claim.edition else None
    ended = last is not None and (until is None or last <= until)
    active = None if claim.layout == "words-table" else not ended
    modifier = entry.type == "7"
    dental = entry.code[0] == "D" and not modifier
    facts: dict[str, object] = dict(entry.facts)
    if known:
        facts["noc"] = True
    if dental:
        facts["owner"] = _ADA
    short = () if dental or entry.short in {"", entry.long} else (entry.short,)
    return Concept(
        "hcpcs",
        entry.code,
        display=None if dental else entry.long,
        kind="modifier" if modifier else "code",
        active=active,
        billable=False if modifier else active,
        parents=_numbers.parent(entry.code),
        terms=short,
        facts=facts,
        until=last,
    )


def _replaced(entry: Entry, edition: Edition) -> Iterator[Relation]:
    """Yield what CMS names in place of a code that has ended (XREF: a deleted code's valid one)."""
    if "TERM DT" not in entry.facts:
        return
    for column in ("XREF1", "XREF2", "XREF3", "XREF4", "XREF5"):
        code = entry.facts.get(column, "")
        system = "hcpcs" if _CODE.fullmatch(code) else "cpt4" if _NUMBER.fullmatch(code) else None
        if system:
            release = f"hcpcs@{edition.effective}"
            yield Relation(Key("hcpcs", entry.code), "replaced-by", Key(system, code), release)


SYSTEM = System(
    id="hcpcs",
    name="HCPCS Level II",
    label="HCPCS code",
    url="http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    omop="HCPCS",
    publisher="Centers for Medicare & Medicaid Services",
    home="https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system",
    licence=Licence(
        "Public domain; D codes: numbers only",
        "A work of the United States government, save the D codes, whose words are the American Dental"
        " Association's: of these only the numbers are held.",
    ),
    syntax=r"[A-Z][0-9]{4}|[A-Z][A-Z0-9]|range-(?:[A-Z][0-9]{1,2}|modifiers)",
    recognise=recognise,
    read=read,
    normalise=normalise,
    loading="Official words not loaded: download the quarterly HCPCS file (ANWEB) from cms.gov and build with"
    " the zip.",
    calendar=calendar,
    aliases=("hcpcs level ii", "hcpcs2", "level ii", "urn:oid:2.16.840.1.113883.6.285"),
    order=40,
    starter=_numbers.STARTER,
    place=partial(_numbers.place, "hcpcs"),
)
