"""Titles: read strictly, checked, and the difference between two codes in words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaincode import content, titles
from plaincode.errors import ContentError
from plaincode.model import Key

HEADER = "code,title,family,kind,sets_apart,words,status,empty_because,source\n"
ROWS = (
    "10001,Wash of the left widget,washing,procedure,organ=widget; laterality=left,rinse; clean,"
    "source-checked,,src\n"
    "10002,Wash of the right widget,washing,procedure,organ=widget; laterality=right,,ai-agreed,,\n"
    "10003,,,procedure,,,none,not written yet,\n"
)
LOWER = (("region", "lower back or tailbone area"), ("space", "epidural space"))
UPPER = (("region", "neck or upper back"), ("space", "epidural space"))


def made(folder: Path, rows: str = ROWS, **files: str) -> Path:
    beside = {
        "families": "slug,name,parent\nwater,Water work,\nwashing,Washing,water\n",
        "sources": "id,title,publisher,address,seen\nsrc,A page,A publisher,https://example.org,read\n",
        "numbers": "system,code,source\nhcpcs,Q9999,src\n",
        "ended": "system,code,last_day,successors,source\ncpt4,10009,2016-12-31,10001 10002,src\n",
        "facts": "system,code,fact,value,edition\ncpt4,10001,global_days,10,CMS 2025\n",
    } | files
    (folder / "cpt4").mkdir(parents=True)
    (folder / "cpt4" / "water.csv").write_text(HEADER + rows, encoding="utf-8")
    for name, text in beside.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    return [p.what for p in titles.check(titles.read(folder))]


def test_a_row_is_read_whole(tmp_path):
    held = titles.read(made(tmp_path / "t"))
    row = held.rows[Key("cpt4", "10001")]
    assert row.title == "Wash of the left widget"
    assert row.family == "washing"
    assert row.sets_apart == (("organ", "widget"), ("laterality", "left"))
    assert row.words == ("rinse", "clean")
    assert (row.status, row.source, row.empty_because) == ("source-checked", "src", None)
    assert (row.file, row.line) == ("cpt4/water.csv", 2)
    assert held.rows[Key("cpt4", "10003")].empty_because == "not written yet"


def test_the_other_files_are_read(tmp_path):
    held = titles.read(made(tmp_path / "t"))
    assert [f.slug for f in held.family_path("washing")] == ["water", "washing"]
    assert held.sources["src"].publisher == "A publisher"
    assert held.numbers == (titles.Number("hcpcs", "Q9999", "src"),)
    assert held.ended[Key("cpt4", "10009")].successors == ("10001", "10002")
    assert held.facts[Key("cpt4", "10001")] == (
        titles.Fact("cpt4", "10001", "global_days", "10", "CMS 2025"),
    )


def test_what_is_well_has_no_fault(tmp_path):
    assert faults(made(tmp_path / "t")) == []


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("procedure,organ", "surgery,organ", "The kind 'surgery' is not known.", 2),
        ("left widget,washing", "left widget,rinsing", "The family 'rinsing' is not known.", 2),
        ("laterality=right", "side=right", "The axis 'side' is not known.", 3),
        ("laterality=right", "laterality", "'laterality' is not axis=value.", 3),
        ("not written yet", "too hard", "The reason 'too hard' is not known.", 4),
        ("ai-agreed", "agreed", "The status 'agreed' is not known.", 3),
        ("10002,", "10001,", "cpt4:10001 stands twice.", 3),
        (",none,not written yet,", ",none,not written yet", "The row has 8 fields instead of 9.", 4),
    ],
)
def test_a_breach_of_the_format_names_file_and_line(tmp_path, old, new, says, line):
    with pytest.raises(ContentError) as raised:
        titles.read(made(tmp_path / "t", ROWS.replace(old, new, 1)))
    assert raised.value.what == says
    assert raised.value.where == f"cpt4/water.csv, line {line}"


def test_an_unknown_column_is_refused(tmp_path):
    folder = made(tmp_path / "t", families="slug,name,parent,colour\n")
    with pytest.raises(ContentError, match="The column 'colour' is not known"):
        titles.read(folder)


def test_an_unknown_fact_and_a_wrong_date_are_refused(tmp_path):
    header = "system,code,fact,value,edition\n"
    with pytest.raises(ContentError, match="The fact 'price' is not known"):
        titles.read(made(tmp_path / "a", facts=f"{header}cpt4,10001,price,3,2025\n"))
    header = "system,code,last_day,successors,source\n"
    with pytest.raises(ContentError, match="'last year' is no date"):
        titles.read(made(tmp_path / "b", ended=f"{header}cpt4,10009,last year,,src\n"))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Wash of the right widget", "wash of the LEFT widget", "10002: 10001 has the same title."),
        ("Wash of the right widget", "W" * 111, "10002: the title has 111 characters; 110 is the most."),
        ("laterality=right", "laterality=left", "10002: nothing sets it apart from 10001."),
        (
            "organ=widget; laterality=right",
            "laterality=right; organ=widget",
            "10002: axes are not each once and in order.",
        ),
        (",source-checked,,src", ",source-checked,,", "10001: a source-checked row names its source."),
        (",source-checked,,src", ",source-checked,,xyz", "10001: the source xyz is not in sources.csv."),
        (",none,not written yet,", ",none,,", "10003: a row without a title says why it is empty."),
        ("rinse; clean", "a;b;c;d;e;f;g;h;i", "10001: there are 9 words; 8 is the most."),
        ("10002,", "10000,", "10000: rows are not sorted by code."),
        ("right widget,washing", "right widget,", "10002: a row with a title has a family."),
    ],
)
def test_a_broken_rule_is_reported(tmp_path, old, new, fault):
    assert faults(made(tmp_path / "t", ROWS.replace(old, new, 1))) == [fault]


def test_families_are_a_tree(tmp_path):
    round_and_round = "slug,name,parent\nwater,Water,washing\nwashing,Washing,water\n"
    assert "water: the tree runs in a circle." in faults(made(tmp_path / "a", families=round_and_round))
    orphan = "slug,name,parent\nwashing,Washing,water\n"
    assert faults(made(tmp_path / "b", families=orphan)) == ["washing: its parent water is not there."]


def test_the_difference_in_words():
    assert titles.difference(LOWER, UPPER) == "neck or upper back instead of lower back or tailbone area"
    assert titles.difference(UPPER, LOWER) == "lower back or tailbone area instead of neck or upper back"
    assert titles.difference(LOWER, LOWER) is None
    assert titles.difference(LOWER, ()) is None
    assert titles.difference((), LOWER) is None


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        (
            "without imaging guidance",
            "with imaging guidance",
            "with imaging guidance instead of without imaging guidance",
        ),
        (None, "with imaging guidance", "with imaging guidance"),
        ("with imaging guidance", None, "no word on imaging guidance"),
    ],
)
def test_an_axis_that_only_one_has(here, there, words):
    def row(value):
        return (*LOWER, ("guidance", value)) if value else LOWER

    assert titles.difference(row(here), row(there)) == words


def test_several_differences_stand_in_the_order_of_the_axes():
    first = (("region", "neck"), ("count", "first level"))
    second = (("region", "lower back"), ("count", "second level"), ("add_on", "yes"))
    assert titles.difference(first, second) == (
        "lower back instead of neck; second level instead of first level; billed only beside another code"
    )
    assert titles.difference(second, first) == (
        "neck instead of lower back; first level instead of second level; billed on its own"
    )


def test_figures_are_put_in_words():
    assert titles.difference((("views", "1"),), (("views", "3"),)) == "3 views instead of 1 view"
    assert titles.difference((("age", "under 1 year"),), (("age", "1 to 4 years"),)) == (
        "age 1 to 4 years instead of under 1 year"
    )
    assert (
        titles.difference((("unit", "10 mL"),), (("unit", "1 mL"),)) == "billing unit: 1 mL instead of 10 mL"
    )


AXES = st.sampled_from([a for a in titles.AXES if a not in {"add_on", "unit"}])
VALUES = st.text("abcdef ", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(st.dictionaries(AXES, st.tuples(VALUES, VALUES), min_size=1))
def test_swapping_two_codes_swaps_the_words(pairs):
    here = tuple((axis, a) for axis, (a, _) in pairs.items())
    there = tuple((axis, b) for axis, (_, b) in pairs.items())
    said, back = titles.difference(here, there), titles.difference(there, here)
    if said is None:
        assert back is None
        assert dict(here) == dict(there)
    else:
        swapped = [" instead of ".join(reversed(p.split(" instead of "))) for p in said.split("; ")]
        assert back == "; ".join(swapped)


def test_the_shipped_titles_pass():
    held = titles.read(content.folder() / "titles")
    assert titles.check(held) == []
    lower, upper = (held.rows[Key("cpt4", code)] for code in ("62282", "62281"))
    assert titles.difference(lower.sets_apart, upper.sets_apart) == (
        "neck or upper back instead of lower back or tailbone area"
    )
