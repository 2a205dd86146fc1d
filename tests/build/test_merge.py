"""Editions of one code become rows by (code, from, to)."""

from plaincode.build.merge import merged
from plaincode.model import Concept
from plaincode.store.protocol import BEGINNING, OPEN
from plaincode.systems import Edition


def edition(year: int) -> Edition:
    return Edition(f"FY{year}", f"FY{year}", f"{year - 1}-10-01", f"{year}-09-30")


def concept(display: str = "same", **more) -> Concept:
    return Concept("icd10cm", "M54.5", display=display, **more)


FOUR = [edition(2021), edition(2022), edition(2023), edition(2026)]


def spans(stated):
    return [
        (r.first, r.last, r.concept.display, r.concept.since, r.concept.until) for r in merged(stated, FOUR)
    ]


def test_equal_facts_in_every_edition_are_one_row_as_old_as_the_oldest():
    stated = [(e.effective, concept()) for e in FOUR]
    assert spans(stated) == [("2020-10-01", OPEN, "same", None, None)]


def test_a_change_begins_a_new_row_and_the_code_stays_as_old():
    stated = [(FOUR[0].effective, concept("old")), *((e.effective, concept("new")) for e in FOUR[1:])]
    assert spans(stated) == [
        ("2020-10-01", "2021-09-30", "old", None, None),
        ("2021-10-01", OPEN, "new", None, None),
    ]


def test_a_new_code_is_valid_from_the_edition_that_brought_it():
    stated = [(e.effective, concept()) for e in FOUR[1:]]
    assert spans(stated) == [("2021-10-01", OPEN, "same", "2021-10-01", None)]


def test_a_deleted_code_ends_with_its_last_edition_even_before_a_gap():
    stated = [(e.effective, concept()) for e in FOUR[:3]]
    assert spans(stated) == [("2020-10-01", "2023-09-30", "same", None, "2023-09-30")]


def test_a_code_that_came_back_has_two_lives():
    stated = [(FOUR[0].effective, concept()), (FOUR[3].effective, concept())]
    assert spans(stated) == [
        ("2020-10-01", "2021-09-30", "same", None, "2021-09-30"),
        ("2025-10-01", OPEN, "same", "2025-10-01", None),
    ]


def test_a_list_of_numbers_adds_facts_and_sources_and_is_no_edition():
    listed = Concept("icd10cm", "M54.5", facts={"group": "g", "x": 1}, sources=("list",))
    stated = [(BEGINNING, listed), (FOUR[3].effective, concept(facts={"x": 2}))]
    (row,) = merged(stated, FOUR)
    assert row.first == "2025-10-01"
    assert row.concept.facts == {"group": "g", "x": 2}
    assert row.concept.sources == ("list",)


def test_a_number_that_only_a_list_knows_stands_open_at_both_ends():
    (row,) = merged([(BEGINNING, concept())], [])
    assert (row.first, row.last, row.concept.since, row.concept.until) == (BEGINNING, OPEN, None, None)


def test_a_steady_system_borrows_a_title_from_an_earlier_edition_and_says_so():
    stated = [(FOUR[0].effective, concept("title")), (FOUR[1].effective, concept(None))]
    kept = merged(stated, FOUR, steady=True)[-1].concept
    assert (kept.display, kept.facts) == ("title", {"display_edition": "FY2021"})
    assert merged(stated, FOUR)[-1].concept.display is None
