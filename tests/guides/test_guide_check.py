"""Checking a written guide: each rule, broken once."""

import pytest

from plaincode import content, guides, titles
from plaincode.guides import check
from plaincode.guides.kinds import headings
from plaincode.model import Key

LEFT, RIGHT = Key("cpt4", "10001"), Key("cpt4", "10002")
APART = {LEFT: (("laterality", "left"),), RIGHT: (("laterality", "right"),)}


def faults(made, **more):
    return [p.what for p in check(made, **more)]


def test_a_whole_guide_has_no_fault(guide):
    assert faults(guide(), sets_apart=APART) == []


def test_a_missing_second_reading_is_a_fault(guide):
    assert faults(guide(reading=False)) == ["no second reading is on file."]
    gap = guide(guide.text().replace("    Recovery: supported\n", ""))
    assert faults(gap) == ["second reading: no verdict on 'Recovery'."]


def test_sections_are_all_there_in_order_and_not_empty(guide):
    order = headings("procedure")
    assert faults(guide(order=order[:-1])) == ["the section 'Patient Experience' is missing."]
    assert faults(guide(order=(*order[:3], order[4], order[3], *order[5:]))) == [
        "the section 'Preparation' is out of order."
    ]
    only_right = "::: only 10002\nYou rest.\n:::\n"
    assert faults(guide(sections={"Benefits": only_right})) == ["Benefits is empty."]


def test_sources_exist_and_are_used(guide):
    found = faults(guide(sources="general knowledge"))
    assert "the source 'one' supports no section." in found
    assert "Summary: the line that names the sources is missing." in faults(guide(sources=""))
    assert "Summary: `supports` does not say what 'one' gave it." in faults(guide(supports=False))


def test_sources_for_some_of_the_codes_are_held_to_the_same_rules(guide):
    apart = guide.text(sources="").replace("\nSources: \n", "\nSources for 10001 10002: one\n")
    assert faults(guide(apart)) == []
    half = guide(apart.replace("Sources for 10001 10002: one", "Sources for 10001: one"))
    assert faults(half)[0] == (
        "Name of the Procedure: the line that names the sources is missing for cpt4:10002."
    )
    twice = guide(guide.text().replace("Sources: one\n", "Sources: one\nSources for 10002: one\n", 1))
    assert faults(twice) == ["Name of the Procedure: the source 'one' stands 2 times."]
    unsaid = "Summary: `supports` does not say what 'one' gave it."
    assert unsaid in faults(
        guide(apart.replace("  - {section: Summary, source: one, fact: It says so.}\n", ""))
    )
    unused = guide(apart.replace("Sources for 10001 10002: one", "Sources: general knowledge"))
    assert "Summary: 'one' supports it, but its line does not say so." in faults(unused)


def test_a_section_withheld_from_a_code_needs_no_source_for_it(guide):
    rule = "withhold:\n  - {section: Benefits, codes: [10002], why: It does not hold here.}\n---\n\n"
    before, benefits = guide.text().replace("---\n\n", rule, 1).split("## Benefits")
    held = guide(f"{before}## Benefits{benefits.replace('Sources: one', 'Sources for 10001: one', 1)}")
    assert faults(held) == []


def test_a_source_stands_once(guide):
    line = next(x for x in guide.text().splitlines() if x.startswith("  - {id: one"))
    twice = guide(guide.text().replace(line, f"{line}\n{line.replace('id: one', 'id: two')}"))
    assert faults(twice)[:2] == [
        "the source address 'https://example.org/1' stands 2 times.",
        "the source 'two' supports no section.",
    ]


def test_a_code_that_no_list_knows_is_a_fault(guide):
    held = guide(guide.text().replace('["10001-10002"]', '["10001-10002", 10003]'))
    assert "no loaded list knows 10003." in faults(held)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("You take 5 mg at night.", "a dose"),
        ("The doctor gives 2 to 3 mL.", "a dose"),
        ("They use 6% phenol.", "a dose"),
        ("Stop taking your blood thinner now.", "advice to start or stop a medicine"),
        ("Skip your insulin.", "advice to start or stop a medicine"),
        ("Your plan will pay for it.", "a promise of payment"),
        ("Medicare covers this.", "a promise of payment"),
    ],
)
def test_words_that_a_guide_never_says(guide, sentence, fault):
    assert faults(guide(sections={"Benefits": sentence})) == [f"Benefits: {fault}: {sentence}"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Do not stop taking any medicine on your own.",
        "Ask if you should stop taking a medicine.",
        "You wait for 30 minutes.",
        "It helps 50 of 100 people.",
        "Ask your plan what it will cost.",
    ],
)
def test_words_that_a_guide_may_say(guide, sentence):
    assert faults(guide(sections={"Benefits": sentence})) == []


def test_urgent_signs_name_911(guide):
    found = faults(guide(sections={"Recovery": "You rest."}))
    assert found == ["Recovery: the urgent signs do not name 911."]


def test_a_guide_on_mood_names_988_and_one_on_poison_the_poison_line(guide):
    mood = guide(guide.text().replace("title: Wash of the widget", "title: Care for depression"))
    assert faults(mood) == ["a guide on mood, self-harm or addiction names 988."]
    poison = guide(guide.text().replace("title: Wash of the widget", "title: Care for poisoning"))
    assert faults(poison) == ["a guide on overdose or poisoning names Poison Control, 1-800-222-1222."]


def test_a_hard_section_and_a_hard_guide_are_faults(guide):
    hard = (
        "Postoperative rehabilitation necessitates multidisciplinary interdepartmental communication, "
        "individualized pharmacological administration and comprehensive physiological monitoring."
    )
    one = faults(guide(sections={"Benefits": hard}))
    assert one
    assert one[0].startswith("Benefits: grade ")
    order = headings("procedure")
    every = faults(guide(sections={h: hard for h in order if h not in {"Recovery", order[0]}}))
    assert any(" raw; 9.5 is the most." in what for what in every)
    assert any(" adjusted; 8.0 is the most." in what for what in every)


def test_a_text_of_the_wrong_side_is_a_contradiction(guide):
    swapped = {LEFT: APART[RIGHT], RIGHT: APART[LEFT]}
    found = faults(guide(), sets_apart=swapped)
    assert "the name and the summary do not speak of laterality 'right'." in found
    assert any(what.startswith("name_of_the_procedure speaks of left") for what in found)


@pytest.mark.parametrize(
    ("axis", "value", "text", "faulty"),
    [
        ("region", "neck or upper back", "It goes into the neck.", False),
        ("region", "neck or upper back", "It goes into the lower back.", True),
        ("region", "any level of the spine", "It goes into the back.", False),
        (
            "space",
            "epidural space",
            "It goes into the epidural space, outside the sac of spinal fluid.",
            False,
        ),
        ("space", "epidural space", "It goes into the epidural space. Spinal fluid is let out.", True),
        ("space", "spinal fluid space", "It goes into the epidural space.", True),
        ("guidance", "without imaging guidance", "The doctor works without imaging guidance.", False),
        ("guidance", "without imaging guidance", "The doctor uses X-ray pictures to guide the needle.", True),
        ("guidance", "with imaging guidance", "The doctor uses X-ray pictures to guide the needle.", False),
        ("guidance", "with imaging guidance", "The doctor works without X-rays.", True),
        ("guidance", "with imaging guidance", "The doctor cleans the skin.", True),
    ],
)
def test_what_sets_a_code_apart_is_held_against_the_text(guide, axis, value, text, faulty):
    made = guide(sections={"Summary": text})
    found = [p for p in check(made, sets_apart={LEFT: ((axis, value),)}) if p.column == str(LEFT)]
    assert bool(found) is faulty


def test_the_shipped_guides_pass():
    root = content.folder()
    held = titles.read(root / "titles")

    def known(system, first, last):
        return sorted(k.code for k in held.rows if k.system == system and first <= k.code <= last)

    found = guides.faults(
        root,
        known,
        sets_apart={key: row.sets_apart for key, row in held.rows.items()},
        terms={key: (row.title,) for key, row in held.rows.items() if row.title},
    )
    assert found == []
