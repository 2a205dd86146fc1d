"""The reading grade: the published formula, and what is adjusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaincode.guides import grade
from plaincode.guides.grade import syllables

# Counted from a dictionary's division of each word, or by ear.
COUNTED = {
    "needle": 2, "injection": 3, "subarachnoid": 4, "epidural": 4, "diagnosis": 4, "medicine": 3, "area": 3,
    "about": 2, "nurses": 2, "takes": 1, "needed": 2, "used": 1, "settled": 2, "treatment": 2, "lying": 2,
    "beyond": 2, "patient": 2, "experience": 4, "fluid": 2, "spasm": 2, "radiation": 4, "fluoroscopy": 5,
    "doesn't": 2, "can't": 1, "region": 2, "serious": 3, "disease": 2, "alternatives": 4, "MRI": 3, "911": 3,
    "emergency": 4, "people's": 2, "relieves": 2, "safely": 2, "sometimes": 2, "the": 1, "tongue": 1,
}  # fmt: skip


def test_syllables_are_counted_as_spoken():
    assert {word: syllables(word) for word in COUNTED} == COUNTED


def test_the_formula_is_the_published_one():
    # 2 sentences, 12 words, 13 syllables
    found = grade(["The doctor cleans your skin. The nurse is with you all day."])
    assert found.raw == round(0.39 * 12 / 2 + 11.8 * 13 / 12 - 15.59, 1)
    assert found.adjusted == found.raw


def test_an_item_of_a_list_ends_a_sentence():
    joined = grade(["You rest and you drink and you walk"])
    apart = grade(["You rest", "and you drink", "and you walk"])
    assert joined.raw - apart.raw == pytest.approx(0.39 * (8 - 8 / 3), abs=0.11)


NAME = "It goes into the epidural space. "


@pytest.mark.parametrize(
    "explained",
    [
        "It goes into the space outside the sac (epidural space). ",
        "It goes into the epidural space (the space just outside the sac). ",
        "It goes into a space called the epidural space. ",
        '"Epidural" means just outside the sac. ',
    ],
)
def test_a_name_explained_at_its_first_use_is_a_plain_word(explained):
    found = grade([explained + NAME * 3])
    assert found.adjusted < found.raw
    late = grade([NAME * 3 + explained])
    assert late.adjusted == late.raw


def test_the_terms_of_the_code_are_plain_words():
    found = grade([NAME], terms=("Epidural shot",))
    assert found.adjusted < found.raw == grade([NAME]).adjusted


def test_a_name_explained_in_an_earlier_section_counts_as_explained():
    first = "It goes into the epidural space (the space just outside the sac)."
    assert grade([NAME], explained_in=[first, NAME]).adjusted < grade([NAME]).adjusted


def test_an_empty_text_has_grade_zero():
    assert grade(["", " "]) == grade([])
    assert grade([]).raw == 0.0


@given(st.text())
def test_any_text_has_a_grade_and_adjusting_never_raises_it(text):
    found = grade([text])
    assert found.adjusted <= found.raw
