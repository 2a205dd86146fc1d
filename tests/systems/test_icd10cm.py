"""ICD-10-CM: what is peculiar to it. The rows of the fixtures are written by hand in NCHS's layouts."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaincode.errors import Refused
from plaincode.model import Concept, Note, Problem
from plaincode.systems.icd10cm import SYSTEM
from plaincode.systems.seam import File

FIXTURES = Path(__file__).parent / "fixtures"
TABULAR, ORDER = "icd10cm_tabular_2022.xml", "icd10cm_order_2022.txt"


def file(name, folder=FIXTURES):
    return File(name, folder / name)


def reading(*files):
    claimed = [(f, SYSTEM.recognise(f)) for f in files]
    assert None not in [claim for _, claim in claimed]
    records = list(SYSTEM.read(claimed))
    return {r.code: r for r in records if isinstance(r, Concept)}, [
        r for r in records if isinstance(r, Problem)
    ]


@pytest.fixture(scope="module")
def tabular():
    return reading(file(TABULAR))


@pytest.fixture(scope="module")
def both():
    return reading(file(TABULAR), file(ORDER))


def edited(tmp_path, name, old, new):
    text = (FIXTURES / name).read_text()
    assert text.count(old) == 1
    (tmp_path / name).write_text(text.replace(old, new))
    return file(name, tmp_path)


def test_hierarchy_nests_blocks_without_codes_around_those_in_their_range(tabular):
    codes, problems = tabular
    assert problems == []
    assert codes["M54.50"].parents == ("M54.5",)
    assert codes["M54"].parents == ("block-M50-M54",)
    assert codes["block-M50-M54"].parents == ("block-M40-M54",)
    assert codes["block-M40-M54"].parents == ("chapter-13",)
    assert codes["block-M30-M36"].parents == ("chapter-13",)
    assert codes["chapter-13"].parents == ()
    assert [codes[c].kind for c in ("chapter-13", "block-M40-M54", "M54.5", "M54.50")] == [
        "chapter",
        "block",
        "category",
        "diagnosis",
    ]
    assert codes["block-M30-M36"].display == "Systemic connective tissue disorders (M30-M36)"


def test_seventh_characters_are_expanded_inherited_filled_and_taken_away(tabular):
    codes, _ = tabular
    assert sorted(c for c in codes if c.startswith("W08")) == ["W08", "W08.XXXA", "W08.XXXD", "W08.XXXS"]
    assert not codes["W08"].billable
    made = codes["W08.XXXD"]
    assert (made.display, made.parents, made.billable, made.notes) == (
        "Fall from other furniture, subsequent encounter",
        ("W08",),
        True,
        (),
    )
    assert made.facts == {"seventh_character": "D", "extension": "subsequent encounter"}
    # S06 states them for all codes below, and takes D and S from those with sixth character 7.
    assert [c for c in codes if c.startswith("S06.1X1")] == ["S06.1X1", "S06.1X1A", "S06.1X1D", "S06.1X1S"]
    assert [c for c in codes if c.startswith("S06.1X7")] == ["S06.1X7", "S06.1X7A"]
    assert codes["S06.1X"].facts == {"placeholder": True}


def test_a_definition_of_its_own_goes_before_the_inherited_one(tmp_path):
    own = '</desc><sevenChrDef><extension char="B">other words</extension></sevenChrDef>'
    name = "of 30 minutes or less"
    codes, _ = reading(edited(tmp_path, TABULAR, f"{name}</desc>", name + own))
    assert [c for c in codes if c.startswith("S06.1X1")] == ["S06.1X1", "S06.1X1B"]


def test_a_rule_about_seventh_characters_that_is_not_understood_is_reported(tmp_path):
    odd = edited(tmp_path, TABULAR, "7th characters D and S do not apply", "7th character D may not apply")
    codes, problems = reading(odd)
    assert "S06.1X7D" in codes
    assert ["is not understood" in p.what and p.kept for p in problems] == [True]


def test_notes_keep_kind_words_and_the_codes_they_name(tabular):
    codes, _ = tabular
    assert codes["M54.5"].notes == (
        Note("excludes1", "low back strain (S06.1X1-, M35.-)", ("S06.1X1", "M35")),
    )
    assert codes["chapter-13"].notes[1:] == (
        # a range is named by both its ends; T79.A is not in this edition
        Note("excludes2", "certain conditions originating in the perinatal period (M35-M54)", ("M35", "M54")),
        Note("excludes2", "traumatic compartment syndrome (T79.A-)", ()),
    )
    assert [n.kind for n in codes["S06"].notes] == [
        "includes",
        "code-also",
        *["seventh-character"] * 4,
        "note",
    ]
    assert codes["W08"].notes[-1] == Note("seventh-character", "S: sequela; Fall from stool")
    assert codes["M35.0"].notes[0].kind == "use-additional"
    assert codes["M54.50"].terms == ("Loin pain", "Lumbago NOS")
    assert [n.text for n in codes["M54.50"].notes] == ["Loin pain", "Lumbago NOS"]


def test_the_table_of_visual_impairment_is_a_note(tmp_path):
    table = (
        "<desc>Dorsalgia</desc><visualImpairment><visCategory><value>1</value><visRange>"
        "<visMax><value>20/70</value></visMax><visMin><value>20/200</value></visMin>"
        "</visRange></visCategory></visualImpairment>"
    )
    codes, problems = reading(edited(tmp_path, TABULAR, "<desc>Dorsalgia</desc>", table))
    assert (codes["M54"].notes, problems) == ((Note("note", "1: 20/70 / 20/200"),), [])


def test_order_file_beside_the_xml_gives_short_titles_and_agrees_but_for_accents(both, tabular):
    codes, problems = both
    assert problems == []
    assert codes.keys() == tabular[0].keys()
    assert codes["S06.1X7A"].facts["short"] == "Traum cereb edema w LOC w death due to brain injury, init"
    assert (codes["M35.00"].display, codes["M35.00"].facts["short"]) == (
        "Sjögren syndrome, unspecified",
        "Sjogren syndrome, unspecified",
    )


@pytest.mark.parametrize(
    ("old", "new", "what", "kept"),
    [
        ("M5451   1", "M5451   0", "M54.51: the order file says billable=False, the XML otherwise.", True),
        ("W08XXXS", "W08XXXT", "W08.XXXS follows from the XML and is not in the order file", False),
        ("M5459   1", "M5458   1", "M54.59 is in the XML and not in the order file.", True),
        (
            "  Other low back pain",
            "  Other lumbar pain  ",
            "M54.59 is 'Other low back pain' in the XML and 'Other lumbar pain' in the list.",
            True,
        ),
    ],
)
def test_differences_between_order_file_and_xml_are_problems(tmp_path, old, new, what, kept):
    _, problems = reading(file(TABULAR), edited(tmp_path, ORDER, old, new))
    assert [p.kept for p in problems if what in p.what] == [kept]


def test_a_code_of_the_order_file_alone_is_kept(tmp_path):
    codes, problems = reading(file(TABULAR), edited(tmp_path, ORDER, "W08XXXS", "W08XXXT"))
    assert codes["W08.XXXT"].parents == ("W08",)
    assert "W08.XXXS" not in codes
    assert len(problems) == 2


def test_order_files_alone_are_editions_and_a_code_may_become_a_header():
    old, problems = reading(file("icd10cm_order_2021.txt"))
    new, _ = reading(file(ORDER))
    assert problems == []
    assert (old["M54.5"].billable, old["M54.5"].kind) == (True, "diagnosis")
    assert (new["M54.5"].billable, new["M54.5"].kind) == (False, "category")
    assert new["M54.50"].parents == ("M54.5",)
    assert new["S06.1X7A"].parents == ("S06.1X7",)
    assert new["W08.XXXA"].parents == ("W08",)
    assert new["M54"].parents == ()


def test_the_code_list_has_billable_codes_only():
    codes, _ = reading(file("icd10cm-codes-2020.txt"))
    assert {c: x.billable for c, x in codes.items()} == {"M35.00": True, "M54.5": True, "W08.XXXA": True}
    assert codes["M54.5"].display == "Low back pain"


def test_a_line_that_is_cut_is_withheld_and_reported(tmp_path):
    text = (FIXTURES / ORDER).read_text().splitlines(keepends=True)
    (tmp_path / ORDER).write_text("".join([*text, "00099 M99     0 Cut\n", text[0]]))
    codes, problems = reading(file(ORDER, tmp_path))
    assert len(codes) == len(text)
    assert [(p.line, p.kept) for p in problems] == [(len(text) + 1, False), (len(text) + 2, False)]


@pytest.mark.parametrize(
    ("name", "content", "label", "effective", "until"),
    [
        (
            "icd10cm-tabular-April-1-2022.xml",
            TABULAR,
            "FY2022 (April 2022 update)",
            "2022-04-01",
            "2022-09-30",
        ),
        ("icd10cm_tabular_2022.xml", TABULAR, "FY2022", "2021-10-01", "2022-09-30"),
        ("tabular.xml", TABULAR, "FY2022", "2021-10-01", "2022-09-30"),
        ("icd10cm_order_2021.txt", ORDER, "FY2021", "2020-10-01", "2021-09-30"),
        ("icd10cm-order-Jan-2021.txt", ORDER, "FY2021 (January 2021 update)", "2021-01-01", "2021-09-30"),
        ("order October 2024.txt", ORDER, "FY2025", "2024-10-01", "2025-09-30"),
    ],
)
def test_editions_by_content_and_name(name, content, label, effective, until):
    claim = SYSTEM.recognise(File(name, FIXTURES / content))
    assert claim.layout == ("order" if content == ORDER else "tabular")
    assert (claim.edition.label, claim.edition.effective, claim.edition.until) == (label, effective, until)


def test_a_file_without_any_year_is_refused(tmp_path):
    (tmp_path / "list.txt").write_bytes((FIXTURES / ORDER).read_bytes())
    with pytest.raises(Refused, match="nothing says of which year"):
        SYSTEM.recognise(file("list.txt", tmp_path))


@pytest.mark.parametrize(
    "name", ["icd10pcs_order_2022.txt", "icd10pcs_codes_2021.txt", "icd10pcs_tables_2022.xml"]
)
def test_files_of_icd10pcs_are_left_alone(name):
    assert SYSTEM.recognise(file(name)) is None


@pytest.mark.parametrize(
    ("day", "version"),
    [("2026-09-30", "FY2026"), ("2026-10-01", "FY2027"), ("2027-09-30", "FY2027"), ("2021-01-01", "FY2021")],
)
def test_calendar_turns_on_the_first_of_october(day, version):
    assert SYSTEM.calendar(date.fromisoformat(day)).version == version


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("e119", "E11.9"),
        (" e11.9  ", "E11.9"),
        ("E11", "E11"),
        ("s061x7a", "S06.1X7A"),
        ("qa00101", "QA0.0101"),
        ("C7a.8", "C7A.8"),
        ("O24.-", "O24"),
        ("O24.4-", "O24.4"),
        ("EO8.1O", "E08.10"),
        ("024.410", "O24.410"),
        ("09A.11", "O9A.11"),
        ("008.1", None),  # ICD-9-CM has this very code
        ("62282", None),
        ("COPD", None),
        ("FOOT", None),
        ("pain", None),
        ("0DTJ4ZZ", None),
        ("Chapter-1", "chapter-1"),
        ("block-a00-a09", "block-A00-A09"),
        ("BLOCK-B10", "block-B10"),
        ("block-", None),
        ("ſ11.9", None),
        ("", None),
    ],
)
def test_spelling(text, code):
    assert SYSTEM.normalise(text) == code


@given(st.text(max_size=12) | st.from_regex(SYSTEM.syntax, fullmatch=True).map(str.lower))
def test_normalise_is_idempotent_and_gives_what_the_syntax_allows(text):
    code = SYSTEM.normalise(text)
    if code is not None:
        assert SYSTEM.normalise(code) == code
        assert re.fullmatch(SYSTEM.syntax, code)


def test_both_orders_of_files_read_the_same(both):
    codes, _ = reading(file(ORDER), file(TABULAR))
    assert codes == both[0]


def test_every_code_is_canonical_and_stands_below_one_that_exists(both):
    codes, _ = both
    for code, concept in codes.items():
        assert SYSTEM.normalise(code) == code
        assert all(parent in codes for parent in concept.parents)
