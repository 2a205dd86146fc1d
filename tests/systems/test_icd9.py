"""ICD-9-CM diagnoses and procedures: long and short titles read together, groupings made by number."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from plaincode.errors import Refused
from plaincode.model import Concept, Problem
from plaincode.systems.icd9cm import SYSTEM as DIAGNOSES
from plaincode.systems.icd9proc import SYSTEM as PROCEDURES
from plaincode.systems.seam import Claim, File, System

FIXTURES = Path(__file__).parent / "fixtures"


def pairs(system: System, folder: Path | None = None) -> list[tuple[File, Claim]]:
    found = []
    for path in sorted((folder or FIXTURES / system.id).iterdir()):
        file = File(path.name, path)
        claim = system.recognise(file)
        assert claim
        found.append((file, claim))
    return found


def reading(system: System) -> dict[str, Concept]:
    return {r.code: r for r in system.read(pairs(system)) if isinstance(r, Concept)}


def test_long_and_short_titles_are_joined() -> None:
    found = reading(DIAGNOSES)
    code = found["250.00"]
    assert code.display == (
        "Diabetes mellitus without mention of complication, type II or unspecified type, not stated as"
        " uncontrolled"
    )
    assert code.terms == ("DMII wo cmp nt st uncntr",)
    assert (code.active, code.until, code.billable, code.kind) == (False, "2015-09-30", True, "diagnosis")
    assert found["386.0"].display == "Ménière's disease"
    assert found["462"].terms == ()
    assert {c.code for c in found.values() if c.kind == "diagnosis"} == {
        "001.0", "250.00", "386.0", "462", "E812.0", "V27.0",
    }  # fmt: skip


def test_groupings_are_made_by_number() -> None:
    found = reading(DIAGNOSES)
    assert found["250.00"].parents == ("range-250",)
    assert found["462"].parents == ("range-46",)
    assert found["E812.0"].parents == ("range-E812",)
    group = found["range-250"]
    assert (group.title, group.title_status, group.display) == (
        "Numbers that begin with 250",
        "arranged by number",
        None,
    )
    assert (group.parents, group.billable) == (("range-25",), False)
    assert found["range-V27"].parents == ("range-V2",)
    assert found["range-25"].parents == ()


def test_procedures() -> None:
    found = reading(PROCEDURES)
    assert found["00.01"].display == "Therapeutic ultrasound of vessels of head and neck"
    assert (found["60.5"].parents, found["range-60"].parents) == (("range-60",), ("range-6",))
    assert sorted(c.code for c in found.values() if c.kind == "procedure") == ["00.01", "60.5", "99.98"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("25000", "250.00"), ("250.00", "250.00"), ("250", "250"), ("V270", "V27.0"), ("v27", "V27"),
     ("e8120", "E812.0"), ("E812", "E812"), ("462.", "462"), ("25.000", None), ("E81200", None),
     ("٢٥٠", None), ("M54.5", None), ("Range-250", "range-250"), ("range-2500", None)],
)  # fmt: skip
def test_spellings_of_diagnoses(text: str, code: str | None) -> None:
    assert DIAGNOSES.normalise(text) == code


@pytest.mark.parametrize(
    ("text", "code"), [("0001", "00.01"), ("605", "60.5"), ("60.5", "60.5"), ("60", None), ("00010", None)]
)
def test_spellings_of_procedures(text: str, code: str | None) -> None:
    assert PROCEDURES.normalise(text) == code


def test_editions_end_with_billing() -> None:
    edition = DIAGNOSES.calendar(date(2015, 9, 30))
    assert edition
    assert (edition.version, edition.effective, edition.until) == ("version 32", "2014-10-01", "2015-09-30")
    assert DIAGNOSES.calendar(date(2015, 10, 1)) is None


def test_a_short_title_alone_is_refused(tmp_path: Path) -> None:
    name = "CMS31_DESC_SHORT_DX.txt"
    (tmp_path / name).write_bytes((FIXTURES / "icd9cm" / name).read_bytes())
    with pytest.raises(Refused, match="short titles alone"):
        list(DIAGNOSES.read(pairs(DIAGNOSES, tmp_path)))


def test_bad_lines_and_missing_partners_are_reported(tmp_path: Path) -> None:
    for path in (FIXTURES / "icd9cm").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    long = tmp_path / "CMS31_DESC_LONG_DX.txt"
    long.write_bytes(long.read_bytes().replace(b"462   Acute", b"46200Acute") + b"0010  Again\n0011  New\n")
    problems = [r for r in DIAGNOSES.read(pairs(DIAGNOSES, tmp_path)) if isinstance(r, Problem)]
    assert [(p.line, p.what, p.kept) for p in problems] == [
        (4, "Not a number, a space and a title.", False),
        (7, "001.0 stands twice.", False),
        (8, "001.1 has no short title.", True),
        (None, "462 has a short title and no long one.", False),
    ]
