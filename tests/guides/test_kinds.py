"""Guide kinds: the headings word for word."""

import pytest

from plaincode.guides import HEADINGS, headings, kind_of, slug

FOURTEEN = (
    "Name of the Procedure · Summary · Purpose · Indications · Preparation · Procedure Description · "
    "Duration · Setting · Personnel · Risks and Complications · Benefits · Recovery · Alternatives · "
    "Patient Experience"
)


def test_a_procedure_has_the_fourteen():
    assert " · ".join(headings("procedure")) == FOURTEEN


@pytest.mark.parametrize(
    ("kind", "first", "sixth"),
    [
        ("imaging", "Name of the Test", "Test Description"),
        ("laboratory", "Name of the Test", "Test Description"),
        ("visit", "Name of the Service", "Description"),
        ("anesthesia", "Name of the Service", "Description"),
        ("vaccine", "Name of the Vaccine", "Description"),
    ],
)
def test_the_other_kinds_of_the_fourteen(kind, first, sixth):
    own = headings(kind)
    assert (own[0], own[5]) == (first, sixth)
    tests = kind in {"imaging", "laboratory"}
    assert own[6] == ("Results" if tests else "Duration")
    assert len(own) == 14 + tests
    assert own[-8:] == tuple(FOURTEEN.split(" · ")[-8:])


def test_kinds_with_headings_of_their_own():
    assert " · ".join(headings("diagnosis")) == (
        "Name of the Condition · Summary · Causes · Symptoms · Diagnosis · Treatment · Outlook · "
        "Prevention · When to Seek Care"
    )
    assert headings("unlisted") == ("Name of the Code", "Summary", "When It Is Used", "What to Ask")
    assert headings("modifier") == headings("group") == ("Name", "Summary", "What It Means on a Bill")
    assert set(HEADINGS) >= {"medicine", "supply", "measure", "service"}


def test_keys_are_the_heading_in_snake_case():
    assert slug("What It Means on a Bill") == "what_it_means_on_a_bill"


@pytest.mark.parametrize(
    ("system", "kind", "guide"),
    [
        ("icd10cm", "category", "diagnosis"),
        ("icd10cm", "chapter", "group"),
        ("icd10pcs", "procedure", "procedure"),
        ("cpt4", "imaging", "imaging"),
        ("cpt4", "code", "code"),
        ("madeup", "thing", "code"),
    ],
)
def test_a_concept_has_a_guide_kind(system, kind, guide):
    assert kind_of(system, kind) == guide
