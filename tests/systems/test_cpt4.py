"""CPT: numbers from public lists, words from licensed files only. Every descriptor here is invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from plaincode.errors import Refused
from plaincode.model import Concept, Problem, to_dict
from plaincode.systems.cpt4 import SYSTEM
from plaincode.systems.seam import Claim, File

FOLDER = Path(__file__).parent / "fixtures" / "cpt4"


def licensed(*names: str, folder: Path = FOLDER) -> list[tuple[File, Claim]]:
    found = []
    for name in names:
        file = File(name, folder / name)
        claim = SYSTEM.recognise(file)
        assert claim
        found.append((file, claim))
    return found


def lists() -> list[tuple[File, Claim]]:
    found = []
    for path in sorted((FOLDER / "starter").iterdir(), reverse=True):
        file = File(path.name, path, layout=path.stem)
        claim = SYSTEM.recognise(file)
        assert claim == Claim(path.stem, None)
        found.append((file, claim))
    return found


@pytest.fixture(scope="module")
def numbers() -> dict[str, Concept]:
    return {r.code: r for r in SYSTEM.read(lists()) if isinstance(r, Concept)}


def test_a_number_keeps_the_lists_that_know_it(numbers: dict[str, Concept]) -> None:
    code = numbers["62282"]
    assert code.sources == ("betpuf09", "betpuf13", "betpuf14", "betpuf20", "ra2026")
    assert code.facts == {
        "category": "Category I",
        "betos": "P1G",
        "betos_year": "2014",
        "spending_group": "Procedures: Musculoskeletal: Nerve block injection",
        "rbcs": "PM30O",
        "rbcs_year": "2020",
    }
    assert (code.display, code.title, code.active, code.billable) == (None, None, None, None)


def test_only_numbers_of_this_system_are_read(numbers: dict[str, Concept]) -> None:
    codes = {code for code in numbers if not code.startswith("range-")}
    assert codes == {"0001F", "0003T", "0058T", "11040", "62282", "99999"}


def test_a_last_day_ends_a_number_and_absence_does_not(numbers: dict[str, Concept]) -> None:
    assert (numbers["0003T"].active, numbers["0003T"].until) == (False, "2006-12-31")
    # RBCS lists numbers without last days, so standing there does not unsay one
    assert (numbers["11040"].active, numbers["11040"].until) == (False, "2010-12-31")
    assert (numbers["0001F"].active, numbers["0001F"].until) == (None, None)


def test_a_later_list_without_the_last_day_takes_it_back(numbers: dict[str, Concept]) -> None:
    code = numbers["0058T"]
    assert (code.active, code.until, code.facts["last_day_listed"]) == (None, None, "2008-12-31")


def test_the_quoted_label_is_never_read(numbers: dict[str, Concept]) -> None:
    assert "PLANTED" not in str([to_dict(c) for c in numbers.values()])


def test_groupings_are_made_by_number(numbers: dict[str, Concept]) -> None:
    assert numbers["62282"].parents == ("range-622",)
    assert numbers["range-622"].parents == ("range-62",)
    assert numbers["range-622"].title == "Numbers that begin with 622"
    assert numbers["range-000F"].title == "Numbers that begin with 000 and end with F"
    assert (numbers["range-00F"].parents, numbers["range-00F"].kind) == ((), "range")


def test_a_line_that_is_no_row_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "betpuf09.txt"
    path.write_text("62282 P1G        \n6228 P1G\n62283 P1G20081345\nABCDE P1G\n")
    file = File(path.name, path, layout="betpuf09")
    records = list(SYSTEM.read([(file, Claim("betpuf09", None))]))
    assert [r.line for r in records if isinstance(r, Problem)] == [2, 3, 4]
    assert [r.code for r in records if isinstance(r, Concept) and r.kind == "code"] == ["62282"]


def test_licensed_words() -> None:
    pairs = licensed("LONGULT.txt", "MEDU.txt", "SHORTU.txt", "ConsumerDescriptor.txt")
    found = {r.code: r for r in SYSTEM.read(pairs) if isinstance(r, Concept)}
    code = found["00001"]
    assert code.display == "INVENTED ROW one, long words with “quotes” in full"
    assert code.terms == (
        "INVENTED ROW ONE MEDIUM",
        "INVENTED ROW ONE SHORT",
        "INVENTED ROW one, lay words",
        "INVENTED ROW one, other lay words",
    )
    assert (code.active, code.billable) == (True, True)
    assert found["0000F"].facts == {"category": "Category II"}


def test_the_edition_is_the_year_after_the_copyright() -> None:
    (_, long), (_, medium), (_, consumer) = licensed("LONGULT.txt", "MEDU.txt", "ConsumerDescriptor.txt")
    assert long.edition
    assert (long.edition.version, long.edition.effective, long.part) == ("2099", "2099-01-01", False)
    assert (medium.edition, medium.part) == (long.edition, True)
    assert (consumer.edition, consumer.part) == (None, True)


def test_windows_text_and_tabs_in_quarterly_files(tmp_path: Path) -> None:
    text = (FOLDER / "LONGULT.txt").read_bytes().decode()
    (tmp_path / "LONGULT.txt").write_bytes(text.encode("cp1252"))
    medium = (FOLDER / "MEDU.txt").read_bytes().replace(b"00001 ", b"00001\t")
    (tmp_path / "MEDU.txt").write_bytes(medium)
    pairs = licensed("LONGULT.txt", "MEDU.txt", folder=tmp_path)
    found = {r.code: r for r in SYSTEM.read(pairs) if isinstance(r, Concept)}
    assert found["00001"].display == "INVENTED ROW one, long words with “quotes” in full"
    assert found["00001"].terms == ("INVENTED ROW ONE MEDIUM",)


def test_words_without_the_long_file_are_refused() -> None:
    with pytest.raises(Refused, match="alone are not enough"):
        list(SYSTEM.read(licensed("MEDU.txt")))


def test_a_bad_row_of_a_licensed_file_is_withheld(tmp_path: Path) -> None:
    raw = (FOLDER / "LONGULT.txt").read_bytes()
    (tmp_path / "LONGULT.txt").write_bytes(raw + b"no row\r\n00002\tINVENTED ROW again\r\n")
    records = list(SYSTEM.read(licensed("LONGULT.txt", folder=tmp_path)))
    problems = [(r.line, r.what) for r in records if isinstance(r, Problem)]
    assert problems == [(7, "Not the shape of a CPT number."), (8, "00002 stands twice.")]


def test_the_licence_shows_licensed_words_and_exports_none() -> None:
    assert (SYSTEM.licence.show, SYSTEM.licence.export) == (True, False)
    assert SYSTEM.licence.notice
    assert "registered trademark of the American Medical Association" in SYSTEM.licence.notice
    assert "neither affiliated with nor endorsed" in " ".join(SYSTEM.licence.notice.split())


@pytest.mark.parametrize(
    ("text", "code"),
    [("99213", "99213"), ("0001f", "0001F"), ("0001a", "0001A"), ("25", "25"), ("p3", "P3"), ("1p", "1P"),
     ("range-622", "range-622"), ("Range-000f", "range-000F"), ("9921", None), ("992133", None),
     ("J0585", None), ("9921E", None), ("٩٩٢١٣", None), ("", None)],
)  # fmt: skip
def test_spellings(text: str, code: str | None) -> None:
    assert SYSTEM.normalise(text) == code
