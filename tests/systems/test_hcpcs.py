"""HCPCS Level II: the ANWEB file as text and workbook, and the official years read whole where they stand."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from plaincode.errors import Refused
from plaincode.model import Concept, Key, Problem, Relation
from plaincode.systems import _numbers
from plaincode.systems._anweb import COLUMNS
from plaincode.systems.hcpcs import SYSTEM
from plaincode.systems.seam import Claim, File, Record

FOLDER = Path(__file__).parent / "fixtures" / "hcpcs"
TEXT = FOLDER / "HCPC2031_JAN_ANWEB.txt"
HEADER = ["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", *COLUMNS]
RELEASES = os.environ.get("PLAINCODE_RELEASES")
official = pytest.mark.skipif(not RELEASES, reason="PLAINCODE_RELEASES names no folder of official releases")


def claimed(*paths: Path) -> list[tuple[File, Claim]]:
    found = []
    for path in paths:
        file = File(path.name, path)
        claim = SYSTEM.recognise(file)
        assert claim, path
        found.append((file, claim))
    return found


def read(*paths: Path) -> list[Record]:
    return list(SYSTEM.read(claimed(*paths)))


def concepts(records: list[Record]) -> dict[str, Concept]:
    return {r.code: r for r in records if isinstance(r, Concept)}


def problems(records: list[Record]) -> list[Problem]:
    return [r for r in records if isinstance(r, Problem)]


def workbook(path: Path, rows: list[list[str]]) -> Path:
    """Write the smallest workbook that holds rows of text."""
    cells = "".join(
        f"<row r='{r}'>" + "".join(f"<c t='inlineStr'><is><t>{cell}</t></is></c>" for cell in row) + "</row>"
        for r, row in enumerate(rows, start=1)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f"<Types xmlns='{package}/content-types'>"
            "<Default Extension='rels'"
            " ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
            f"<Override PartName='/xl/workbook.xml' ContentType='{kind}.sheet.main+xml'/>"
            f"<Override PartName='/xl/worksheets/sheet1.xml' ContentType='{kind}.worksheet+xml'/></Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f"<Relationships xmlns='{package}/relationships'>"
            f"<Relationship Id='a' Type='{office}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        )
        archive.writestr(
            "xl/workbook.xml",
            f"<workbook xmlns='{main}' xmlns:r='{office}'>"
            "<sheets><sheet name='A' sheetId='1' r:id='a'/></sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f"<Relationships xmlns='{package}/relationships'>"
            f"<Relationship Id='a' Type='{office}/worksheet' Target='worksheets/sheet1.xml'/>"
            "</Relationships>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet xmlns='{main}'><sheetData>{cells}</sheetData></worksheet>",
        )
    return path


def book_row(code: str, kind: str, words: str, **columns: str) -> list[str]:
    values = {"HCPC": code, "SEQNUM": "0010", "RECID": kind, "LONG DESCRIPTION": words} | columns
    return [values.get(column, "") for column in HEADER]


def test_lines_are_joined_with_one_space_and_never_cut() -> None:
    found = concepts(read(TEXT))
    assert found["Z0002"].display == (
        "Made-up item, café size, with a description that is longer than eighty columns and so goes on in a"
        " second line, which must be joined with one space, and in a third, never cut"
    )
    assert found["ZZ"].display == (
        "Made-up modifier whose description does not end on its first line, so that it goes on here"
    )
    assert (found["ZZ"].kind, found["ZZ"].parents, found["ZZ"].billable) == (
        "modifier",
        ("range-modifiers",),
        False,
    )


def test_facts_are_the_publishers_columns() -> None:
    code = concepts(read(TEXT))["Z0001"]
    assert code.facts == {
        "PRICE1": "34", "PRICE2": "46", "MULT_PI": "A", "MCM1": "2100.5", "COV": "D", "ASC_GRP": "YY",
        "ASC_DT": "20080101", "BETOS": "D1A", "TOS1": "9", "TOS2": "P", "ANEST_BU": "0",
        "ADD DT": "19840101", "ACT EFF DT": "19960101", "ACTION CD": "N",
    }  # fmt: skip
    assert (code.active, code.billable, code.terms, code.parents) == (
        True,
        True,
        ("Made-up supply",),
        ("range-Z00",),
    )


def test_a_last_day_ends_a_code_and_names_what_took_its_place() -> None:
    records = read(TEXT)
    code = concepts(records)["Z0003"]
    assert (code.active, code.until, code.billable) == (False, "2030-12-31", False)
    assert [r for r in records if isinstance(r, Relation)] == [
        Relation(Key("hcpcs", "Z0003"), "replaced-by", Key("hcpcs", "Z0001"), "hcpcs@2031-01-01")
    ]


def test_a_last_day_beyond_the_edition_leaves_the_code_active(tmp_path: Path) -> None:
    path = tmp_path / TEXT.name
    path.write_bytes(TEXT.read_bytes().replace(b"20301231D", b"20310630D"))
    code = concepts(read(path))["Z0003"]
    assert (code.active, code.until, code.billable) == (True, "2031-06-30", True)


def test_dental_codes_keep_their_number_and_no_words() -> None:
    code = concepts(read(TEXT))["D0001"]
    assert (code.display, code.terms) == (None, ())
    assert code.facts["owner"] == "American Dental Association (CDT)"


def test_not_otherwise_classified_is_said_by_the_list_only() -> None:
    assert not any("noc" in c.facts for c in concepts(read(TEXT)).values())
    found = concepts(read(TEXT, FOLDER / "NOC_Codes_2031.prn"))
    assert [c.code for c in found.values() if "noc" in c.facts] == ["Z0099"]
    assert found["Z0099"].facts["noc"] is True


def test_the_name_states_the_edition() -> None:
    said = {
        "HCPC2025_OCT_ANWEB.txt": ("2025 October", "2025-10-01", "2025-12-31"),
        "HCPC2026_JUL_ANWEB_06172026.txt": ("2026 July", "2026-07-01", "2026-09-30"),
        "HCPC2020_04_anweb.txt": ("2020 April", "2020-04-01", "2020-06-30"),
        "HCPC17_CONTR_ANWEB.txt": ("2017", "2017-01-01", "2017-12-31"),
        "HCPC2019_CONTR_ANWEB.txt": ("2019", "2019-01-01", "2019-12-31"),
    }
    for name, edition in said.items():
        claim = SYSTEM.recognise(File(name, TEXT))
        assert claim
        assert claim.edition
        assert (claim.edition.version, claim.edition.effective, claim.edition.until) == edition


def test_a_name_without_an_edition_is_refused() -> None:
    file = File("codes.txt", TEXT)
    claim = SYSTEM.recognise(file)
    assert claim == Claim("anweb", None)
    with pytest.raises(Refused, match="does not say which edition"):
        list(SYSTEM.read([(file, claim)]))


def test_quarters() -> None:
    versions = [SYSTEM.calendar(day) for day in (date(2026, 9, 30), date(2026, 10, 1), date(2019, 7, 1))]
    assert [v.version for v in versions if v] == ["2026 July", "2026 October", "2019"]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (b"Z000200200", b"Z000200300", "sequence"),
        (b"Z0002002004and", b"Z0002002008and", "code"),
        (b"2025010120250101        A", b"202501012025010120251301A", "TERM DT"),
        (b"2025010120250101", b"202501012025010 ", "ACT EFF DT"),
        (b"2025010120250101        A   ", b"2025010120250101        A  x", "filler"),
        (b"Z0002001003", b"Z0002009003", "sequence"),
        (b"Z0002003004a third", b"Z00020030 4a third", "record"),
    ],
)
def test_a_bad_record_is_withheld_whole(tmp_path: Path, old: bytes, new: bytes, column: str) -> None:
    raw = TEXT.read_bytes()
    assert raw.count(old) == 1
    path = tmp_path / TEXT.name
    path.write_bytes(raw.replace(old, new))
    records = read(path)
    assert {(p.column, p.kept) for p in problems(records)} == {(column, False)}
    assert "Z0002" not in concepts(records)


def test_a_short_line_is_withheld_unless_it_is_known_by_name(tmp_path: Path) -> None:
    first = TEXT.read_bytes().split(b"\r\n")
    long = next(row for row in first if row.startswith(b"Z0001001003"))
    cut = b"G8891002004a further line".ljust(316)
    path = tmp_path / "HCPC2019_CONTR_ANWEB.txt"
    path.write_bytes(b"\r\n".join([long.replace(b"Z0001", b"G8891"), cut, long, b""]))
    records = read(path)
    assert [(p.line, p.kept) for p in problems(records)] == [(2, True)]
    assert concepts(records)["G8891"].display == "Made-up supply, each a further line"
    path = tmp_path / "HCPC2018_CONTR_ANWEB.txt"
    path.write_bytes(b"\r\n".join([long.replace(b"Z0001", b"G8891"), cut, long, b""]))
    records = read(path)
    assert [(p.line, p.kept) for p in problems(records)] == [(2, False)]
    assert [c.code for c in concepts(records).values() if c.kind == "code"] == ["Z0001"]


def test_a_code_that_stands_twice_is_withheld_the_second_time(tmp_path: Path) -> None:
    path = tmp_path / TEXT.name
    again = next(row for row in TEXT.read_bytes().split(b"\r\n") if row.startswith(b"Z0001001003"))
    path.write_bytes(TEXT.read_bytes() + again + b"\r\n")
    assert [p.what for p in problems(read(path))] == ["Z0001 stands twice."]


def test_the_workbook_says_the_same(tmp_path: Path) -> None:
    rows = [
        ["Made-up note above the table", *[""] * 47],
        HEADER,
        book_row("   ZZ", "7", "Made-up modifier"),
        book_row("Z0001", "3", "Made-up supply, each", **{"TERM DT": "20301231", "PRICE1": "00"}),
        book_row("Z0002", "3", "Made-up item whose cell was too"),
        book_row("Z0002", "4", "short"),
        book_row("Z0003", "5", "Made-up row of no known type"),
    ]
    records = read(workbook(tmp_path / "HCPC2031_01_anweb.xlsx", rows))
    found = concepts(records)
    assert [c.code for c in found.values() if c.kind != "range"] == ["ZZ", "Z0001", "Z0002"]
    assert found["Z0002"].display == "Made-up item whose cell was too short"
    assert found["Z0001"].facts == {"PRICE1": "00", "TERM DT": "20301231"}
    assert found["Z0001"].active is False
    assert [(p.line, p.column) for p in problems(records)] == [(7, "RECID")]


def test_another_header_of_the_workbook_is_refused(tmp_path: Path) -> None:
    book = workbook(tmp_path / "HCPC2031_01_anweb.xlsx", [HEADER[:-1], book_row("Z0001", "3", "Words")[:-1]])
    with pytest.raises(Refused, match="header is not that of the HCPCS workbook"):
        read(book)


def test_text_goes_before_workbook_and_one_edition_is_read_once(tmp_path: Path) -> None:
    book = workbook(tmp_path / "HCPC2031_01_anweb.xlsx", [HEADER, book_row("Z0001", "3", "Other words")])
    records = read(book, TEXT)
    assert concepts(records)["Z0001"].display == "Made-up supply, each"
    assert [(p.file, p.kept) for p in problems(records)] == [(book.name, True)]


def test_tables_made_from_the_file(tmp_path: Path) -> None:
    full = tmp_path / "hcpcs_level2_2031-07.csv"
    full.write_text(
        "hcpcs_code,price,multi,cov,betos,tos,action,cim,mcm,statute,lab,xref,asc_grp,proc,anes,date_term,"
        "date_added,date_asc,date_action,long_description,short_description\n"
        'Z0001,34:46,A,C,D1A,9:P,N,"60-3, 60-9",,,,Z0002,,,0,2031-06-30,1984-01-01,,1996-01-01,'
        '"Made-up, whole",Made\n'
    )
    records = read(full)
    code = concepts(records)["Z0001"]
    assert code.facts == {
        "PRICE1": "34", "PRICE2": "46", "MULT_PI": "A", "CIM1": "60-3", "CIM2": "60-9", "XREF1": "Z0002",
        "COV": "C", "BETOS": "D1A", "TOS1": "9", "TOS2": "P", "ANEST_BU": "0", "ADD DT": "19840101",
        "ACT EFF DT": "19960101", "TERM DT": "20310630", "ACTION CD": "N",
    }  # fmt: skip
    assert (code.active, code.until, code.display) == (False, "2031-06-30", "Made-up, whole")
    words = tmp_path / "hcpcs_2031oct_long.csv"
    words.write_text("code,long_description\nZZ,Made-up modifier\nZ0001,Made-up words\n")
    found = concepts(read(words))
    # the table of words holds ended codes too and does not say which
    assert (found["Z0001"].active, found["Z0001"].billable, found["ZZ"].kind) == (None, None, "modifier")


def test_numbers_from_the_lists() -> None:
    pairs = []
    for path in sorted((FOLDER / "starter").iterdir()):
        file = File(path.name, path, layout=path.stem)
        claim = SYSTEM.recognise(file)
        assert claim
        pairs.append((file, claim))
    found = concepts(list(SYSTEM.read(pairs)))
    codes = {c.code: c.active for c in found.values() if c.kind == "code"}
    assert codes == {
        "A0021": False, "A9520": None, "C7544": None, "D0120": None, "G0279": None, "J0001": False,
        "J0585": None,
    }  # fmt: skip
    assert found["J0001"].until == "2012-12-31"
    # CMS gave G0279 a new meaning in 2015: the last day of the old one is reported, and ends nothing
    assert (found["G0279"].until, found["G0279"].facts["last_day_listed"]) == (None, "2005-12-31")
    assert all(c.display is None for c in found.values())


@pytest.mark.parametrize(
    ("text", "code"),
    [("j0585", "J0585"), ("JO585", "J0585"), ("jo5o5", "J0505"), ("rt", "RT"), ("a1", "A1"), ("G0l05", None),
     ("99213", None), ("00585", None), ("range-j05", "range-J05"), ("Range-Modifiers", "range-modifiers"),
     ("J05855", None), ("25", None), ("Ｊ0585", None)],
)  # fmt: skip
def test_spellings(text: str, code: str | None) -> None:
    assert SYSTEM.normalise(text) == code


YEARS = {
    "2017": ("HCPC17_CONTR_ANWEB", 6155, 343, 139, 0),
    "2018": ("HCPC2018_CONTR_ANWEB_disc", 6205, 354, 144, 5),
    "2019": ("HCPC2019_CONTR_ANWEB", 6440, 360, 139, 1),
}


@official
@pytest.mark.releases
@pytest.mark.parametrize("year", YEARS)
def test_official_years_are_read_whole(year: str) -> None:
    name, codes, marks, noc, warnings = YEARS[year]
    folder = Path(RELEASES or "") / "hcpcs" / year
    records = read(folder / f"{name}.txt", folder / f"NOC_Codes_{year}.xlsx")
    found = concepts(records)
    kinds = Counter(c.kind for c in found.values())
    assert (kinds["code"], kinds["modifier"]) == (codes, marks)
    assert sum("noc" in c.facts for c in found.values()) == noc
    assert [p.kept for p in problems(records)] == [True] * warnings
    book = concepts(read(folder / f"{name}.xlsx"))
    assert found.keys() == book.keys()
    for code, concept in found.items():
        # the workbook has the description in one cell: nothing is cut, and no space is lost or doubled
        assert concept.name.split() == book[code].name.split(), code


@official
@pytest.mark.releases
def test_official_workbooks_of_2020() -> None:
    folder = Path(RELEASES or "") / "hcpcs" / "2020"
    for month, codes, marks in (("04", 6728, 369), ("07", 6789, 369), ("10", 6825, 371)):
        records = read(folder / f"HCPC2020_{month}_anweb.xlsx")
        found = concepts(records)
        kinds = Counter(c.kind for c in found.values())
        assert (kinds["code"], kinds["modifier"], problems(records)) == (codes, marks, [])
        # one cell was too short, and a second row goes on
        assert found["G0503"].display
        assert found["G0503"].display.endswith(" discharge from active treatment")


@official
@pytest.mark.releases
def test_long_descriptions_of_2019_are_whole_in_later_words() -> None:
    folder = Path(RELEASES or "") / "hcpcs"
    old = concepts(read(folder / "2019" / "HCPC2019_CONTR_ANWEB.txt"))
    new = concepts(read(folder / "2025_full_long" / "hcpcs_2025oct_long.csv"))
    full = concepts(read(folder / "2024_full" / "hcpcs_level2_2024-07.csv"))
    assert len([c for c in full.values() if c.kind == "code"]) == 8033
    assert sum(c.active is False for c in full.values()) == 1058
    assert Counter(c.kind for c in new.values())["code"] == 8463
    common = [c for c in old.values() if c.code in new and c.kind == "code"]
    same = sum(c.name.split() == new[c.code].name.split() for c in common)
    cut = [
        c.code for c in common if len(c.name) < len(new[c.code].name) and new[c.code].name.startswith(c.name)
    ]
    assert same / len(common) > 0.9
    assert max(len(c.name) for c in old.values()) > 1000
    # words that a later edition goes on with were added later, not cut here: they are few
    assert len(cut) < 20


@official
@pytest.mark.releases
def test_numbers_given_out_again_stand_with_a_later_first_day() -> None:
    path = Path(RELEASES or "") / "hcpcs" / "2024_full" / "hcpcs_level2_2024-07.csv"
    with path.open(newline="", encoding="utf-8") as stream:
        added = {row["hcpcs_code"]: row["date_added"] for row in csv.DictReader(stream)}
    early = {code for code in _numbers.GIVEN_OUT_AGAIN if added.get(code, "") < "2015-01-01"}
    assert early == {"L6700"}  # stands in Addendum B of April 2026 only
    addendum = Path(RELEASES or "") / "medicare" / "opps_addendum_b_2026-04_code_level.csv"
    assert any(line.startswith("L6700,") for line in addendum.read_text(encoding="utf-8").splitlines())
