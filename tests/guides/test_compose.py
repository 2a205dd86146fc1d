"""Composed guides: what the facts state, and plainly what is not loaded."""

import time

import pytest

from plaincode.guides import Ending, Neighbour, compose, what_makes_different
from plaincode.guides.compose import BADGE_OFFICIAL, BADGE_OURS, NO_BILLING, NO_GUIDE, NO_TITLE, NO_WORDS
from plaincode.model import Concept, Note, Ref

TOP = Ref("icd10cm", "chapter-1", "Made-up conditions", None, None)
ABOVE = Ref("icd10cm", "X01", "Widget trouble", None, None)
LEAF = Concept(
    "icd10cm",
    "X01.1",
    display="Widget trouble, left",
    kind="diagnosis",
    billable=True,
    notes=(
        Note("inclusion-term", "Sore widget"),
        Note("inclusion-term", "Bent widget"),
        Note("excludes1", "lost widget (X02.-)"),
        Note("use-additional", "code for the cause"),
    ),
)


def composed(concept, **more):
    return compose(concept, **({"system": "ICD-10-CM", "release": "FY2026"} | more))


def test_an_official_code_says_what_its_facts_state():
    found = composed(LEAF, path=(TOP, ABOVE))
    assert (found.status, found.badge, found.kind) == ("composed", BADGE_OFFICIAL, "diagnosis")
    assert [s.heading for s in found.sections] == ["Name of the Condition", "Summary"]
    assert found.sections[0].text == "Widget trouble, left"
    assert found.sections[1].text == (
        "X01.1 is a code of ICD-10-CM. It can be billed as it stands. "
        "It belongs to X01 (Widget trouble), within Made-up conditions."
    )
    assert found.sections[1].items == (
        "Also listed here: Sore widget; Bent widget.",
        "Not coded here (Excludes1): lost widget (X02.-).",
        "Use an additional code: code for the cause.",
    )
    assert found.not_known == (NO_GUIDE,)
    assert (found.grade, found.sources, found.release) == (None, (), "FY2026")


@pytest.mark.parametrize(
    ("concept", "below", "text"),
    [
        (
            Concept("icd10cm", "X01", display="Widget trouble", kind="category", billable=False),
            12,
            "X01 is a code of ICD-10-CM. It is a heading and is not billed itself. 12 codes stand below it.",
        ),
        (
            Concept("icd10cm", "chapter-1", display="Made-up", kind="chapter", billable=False),
            3000,
            "This is a heading of ICD-10-CM, not a code.",
        ),
        (
            Concept("icd10cm", "X09", display="Old", kind="diagnosis", active=False, until="2015-09-30"),
            0,
            "X09 is a code of ICD-10-CM. It has ended; its last day was 2015-09-30.",
        ),
        (
            Concept(
                "icd10cm",
                "X01.1XXA",
                display="Widget",
                kind="diagnosis",
                billable=True,
                facts={"seventh_character": "A", "extension": "initial encounter"},
            ),
            0,
            (
                "X01.1XXA is a code of ICD-10-CM. It can be billed as it stands. "
                "Its seventh character, A, means: initial encounter."
            ),
        ),
    ],
)
def test_the_summary_by_kind_of_code(concept, below, text):
    assert composed(concept, below=below).sections[1].text == text


def test_our_own_title_travels_with_its_status():
    concept = Concept(
        "cpt4", "10001", title="Wash of the widget", title_status="ai-agreed", kind="procedure", active=None
    )
    found = composed(concept, system="CPT")
    assert found.badge == BADGE_OURS
    assert found.sections[0].text == (
        "Wash of the widget (our title: AI-written; two AI writers agreed; no source read)"
    )
    assert found.not_known == (NO_GUIDE, NO_WORDS, NO_BILLING)


def test_a_number_without_words_has_no_sections():
    found = composed(Concept("cpt4", "10008", active=None), system="CPT")
    assert (found.status, found.badge, found.title, found.sections) == ("none", None, None, ())
    assert found.not_known == (NO_GUIDE, NO_WORDS, NO_TITLE, NO_BILLING)


def test_an_ended_code_says_when_what_followed_and_who_says_so():
    concept = Concept("cpt4", "10009", active=False)
    next_ = Ref("cpt4", "10001", None, "Wash of the widget", "ai-agreed")
    found = composed(concept, system="CPT", ending=Ending("2016-12-31", (next_,), "CMS, a file"))
    assert (found.status, found.badge) == ("ended", None)
    assert found.sections[0].text == (
        "10009 is a code of CPT. It has ended. Its last day was 2016-12-31 (source: CMS, a file). "
        "The same source names what replaced it: 10001 (Wash of the widget)."
    )
    alone = composed(concept, system="CPT", ending=Ending("2016-12-31", (), "CMS, a file"))
    assert alone.sections[0].text.endswith("No source that we read names what replaced it.")


def test_what_makes_a_code_different():
    apart = (("region", "left half"), ("guidance", "with imaging guidance"), ("add_on", "yes"))
    found = what_makes_different(apart, [Neighbour("10002", None, "right half instead of left half")])
    assert found.heading == "What Makes This Code Different"
    assert found.text == (
        "This code: region: left half; with imaging guidance; billed only beside another code."
        "\n\nThe codes beside it differ:"
    )
    assert found.items == ("10002: right half instead of left half.",)
    assert what_makes_different((), []) is None
    concept = Concept("cpt4", "10001", title="W", title_status="ai-agreed", sets_apart=apart)
    assert composed(concept).sections[-1] == what_makes_different(apart, [])


def test_composing_is_fast():
    siblings = [Neighbour(str(n), "A name", "this instead of that") for n in range(12)]
    concept = Concept("cpt4", "10001", title="W", title_status="ai-agreed", sets_apart=(("region", "left"),))
    best = 1.0
    for _ in range(20):
        began = time.perf_counter()
        for _ in range(20):
            composed(concept, siblings=siblings, path=(TOP, ABOVE))
        best = min(best, (time.perf_counter() - began) / 20)
    assert best < 0.0002
