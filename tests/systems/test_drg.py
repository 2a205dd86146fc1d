"""MS-DRG: Table 5 as CMS publishes it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from plaincode.errors import Refused
from plaincode.model import Concept, Problem
from plaincode.systems.drg import SYSTEM
from plaincode.systems.seam import Claim, Edition, File

FOLDER = Path(__file__).parent / "fixtures" / "drg"
TABLE = FOLDER / "table5_fy2099.txt"


def claimed(path: Path, layout: str | None = None) -> tuple[File, Claim]:
    file = File(path.name, path, layout=layout)
    claim = SYSTEM.recognise(file)
    assert claim
    return file, claim


def reading(*pairs: tuple[File, Claim]) -> dict[str, Concept]:
    return {r.code: r for r in SYSTEM.read(pairs) if isinstance(r, Concept)}


def test_groups_weights_and_categories() -> None:
    names = claimed(FOLDER / "starter" / "mdc-names.csv", "mdc-names")
    found = reading(claimed(TABLE), names)
    assert sorted(found) == ["001", "003", "280", "981", "998", "mdc-05", "mdc-PRE"]
    group = found["280"]
    assert (group.display, group.kind, group.parents) == ("MADE-UP HEART GROUP", "group", ("mdc-05",))
    assert group.facts == {
        "post_acute": "Yes",
        "special_pay": "No",
        "mdc": "05",
        "type": "MED",
        "weight_before_cap": "1.6000",
        "weight": "1.5000",
        "geometric_mean_los": "4.2",
        "arithmetic_mean_los": "5.4",
    }
    assert found["003"].display == "MADE-UP GROUP WITH A COMMA, MOUTH AND NECK"
    assert found["mdc-05"].display == "Made-up name of category five"
    assert (found["mdc-PRE"].display, found["mdc-PRE"].kind) == (None, "mdc")
    assert found["981"].parents == ()
    assert "weight" not in found["998"].facts


def test_the_title_states_the_fiscal_year() -> None:
    _, claim = claimed(TABLE)
    assert claim == Claim("table5", Edition("FY2099", "MS-DRG FY2099", "2098-10-01", "2099-09-30"))


def test_the_fiscal_year_begins_in_october() -> None:
    for day, version in ((date(2025, 9, 30), "FY2025"), (date(2025, 10, 1), "FY2026")):
        edition = SYSTEM.calendar(day)
        assert edition
        assert edition.version == version


def test_spellings() -> None:
    said = {"3": "003", "03": "003", "470": "470", "mdc-5": "mdc-05", "MDC-PRE": "mdc-PRE"}
    assert {text: SYSTEM.normalise(text) for text in said} == said
    assert [SYSTEM.normalise(text) for text in ("", "4700", "E11", "mdc-26", "٣")] == [None] * 5


def test_a_bad_row_is_withheld_with_its_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "table5.txt"
    raw = TABLE.read_bytes()
    path.write_bytes(raw.replace(b"\t1.6000\t", b"\tx\t").replace(b"\t \tSURG\t", b"\t99\tSURG\t"))
    problems = [r for r in SYSTEM.read([claimed(path)]) if isinstance(r, Problem)]
    assert [(p.line, p.column, p.kept) for p in problems] == [
        (6, "weight_before_cap", False),
        (7, "MDC", False),
    ]


def test_a_footnote_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "table5.txt"
    path.write_bytes(TABLE.read_bytes() + b"** Made-up footnote" + b"\t" * 9 + b"\r\n")
    records = list(SYSTEM.read([claimed(path)]))
    assert len(records) == 7
    assert not any(isinstance(r, Problem) for r in records)


def test_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table5.txt"
    path.write_bytes(TABLE.read_bytes().replace(b"Geometric mean LOS", b"Arithmetic mean LOS"))
    with pytest.raises(Refused, match="header is not that of Table 5"):
        list(SYSTEM.read([claimed(path)]))
