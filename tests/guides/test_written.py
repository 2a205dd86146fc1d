"""Written guides: read strictly, rendered for each code as itself."""

import pytest

from plaincode.errors import ContentError
from plaincode.guides import Neighbour, render, what_makes_different
from plaincode.guides.read import BADGE_CHECKED, BADGE_DRAFT
from plaincode.model import Block, Key

LEFT, RIGHT = Key("cpt4", "10001"), Key("cpt4", "10002")


def section(rendered, key):
    return next(s for s in rendered.sections if s.key == key)


def test_front_matter_is_read(guide):
    held = guide()
    assert held.keys == (LEFT, RIGHT)
    assert (held.title, held.kind, held.written) == ("Wash of the widget", "procedure", "2026-11-23")
    assert held.sources[0].address == "https://example.org/1"
    assert held.reading.reader == "second AI reader"
    assert len(held.parts) == 14


def test_each_code_is_rendered_as_itself(guide):
    left, right = (render(guide(), key, release="r") for key in (LEFT, RIGHT))
    assert section(left, "name_of_the_procedure").text == "Wash of the widget.\n\nIt is on the left side."
    assert section(right, "name_of_the_procedure").text == "Wash of the widget.\n\nIt is on the right side."
    assert section(left, "procedure_description").blocks == (
        Block(
            "steps",
            items=(
                "You lie down.",
                "The nurse cleans your skin with soap.",
                "The nurse turns you to the left side.",
            ),
        ),
        Block("heading", "Equipment"),
        Block("list", items=("Soap.",)),
    )
    assert section(right, "procedure_description").blocks[-1] == Block("list", items=("Soap.", "A stool."))
    assert (
        section(right, "procedure_description").items[:2] == section(left, "procedure_description").items[:2]
    )


def test_a_rendered_guide_says_what_it_is(guide):
    found = render(guide(), LEFT, release="plaincode content")
    assert (found.system, found.code, found.status, found.kind) == ("cpt4", "10001", "written", "procedure")
    assert (found.badge, found.checked) == (BADGE_CHECKED, "2026-11-24")
    assert set(found.grade) == {"adjusted", "raw"}
    assert [s.id for s in found.sources] == ["one"]
    assert found.release == "plaincode content"


def test_the_badge_needs_the_second_reading_of_every_section(guide):
    for made in (
        guide(reading=False),
        guide(guide.text().replace("    Recovery: supported\n", "")),
    ):
        found = render(made, LEFT, release="r")
        assert (found.badge, found.checked) == (BADGE_DRAFT, None)


def test_general_knowledge_is_marked(guide):
    found = render(guide(sources="one, general knowledge"), LEFT, release="r")
    assert found.sections[1].sources == ("one", "general knowledge")


def test_a_code_cites_the_common_sources_and_its_own(guide):
    line = next(x for x in guide.text().splitlines() if x.startswith("  - {id: one"))
    more = "\n".join(line.replace("one", name).replace("/1", f"/{name}") for name in ("two", "three"))
    whole = guide.text(sources="general knowledge, one").replace(line, f"{line}\n{more}")
    held = guide(whole.replace("one\n", "one\nSources for 10001: two\nSources for 10001 10002: three\n"))
    left, right = (render(held, key, release="r") for key in (LEFT, RIGHT))
    assert {s.sources for s in left.sections} == {("one", "two", "three", "general knowledge")}
    assert {s.sources for s in right.sections} == {("one", "three", "general knowledge")}
    assert [s.id for s in left.sources] == ["one", "two", "three"]
    assert [s.id for s in right.sources] == ["one", "three"]


def test_a_section_may_name_sources_for_single_codes_only(guide):
    held = guide(guide.text().replace("Sources: one\n", "Sources for 10002: general knowledge, one\n", 1))
    assert section(render(held, LEFT, release="r"), "name_of_the_procedure").sources == ()
    right = section(render(held, RIGHT, release="r"), "name_of_the_procedure")
    assert right.sources == ("one", "general knowledge")


def test_the_composed_section_stands_before_the_questions(guide):
    different = what_makes_different(
        (("laterality", "left"),), [Neighbour("10002", "Right wash", "right instead of left")]
    )
    held = guide(tail="## Questions to Ask\n\n- Why?\n\nSources: general knowledge\n")
    found = render(held, LEFT, release="r", different=different)
    assert [s.key for s in found.sections][-2:] == ["what_makes_this_code_different", "questions_to_ask"]
    assert found.sections[-2].items == ("10002 (Right wash): right instead of left.",)
    own = "## What Makes This Code Different\n\nOur own word.\n\nSources: general knowledge\n"
    merged = render(guide(tail=own), LEFT, release="r", different=different).sections[-1]
    assert merged.text.startswith("This code: laterality: left.")
    assert merged.text.endswith("Our own word.")


def test_a_withheld_section_is_left_out_with_its_reason(guide):
    rule = "withhold:\n  - {section: Benefits, codes: [10002], why: It does not hold here.}\n---\n\n"
    held = guide(guide.text().replace("---\n\n", rule, 1))
    assert "benefits" in [s.key for s in render(held, LEFT, release="r").sections]
    right = render(held, RIGHT, release="r")
    assert "benefits" not in [s.key for s in right.sections]
    assert right.not_known == ("Benefits: It does not hold here.",)


def test_a_guide_is_not_rendered_for_a_strange_code(guide):
    with pytest.raises(ContentError, match="not about cpt4:99999"):
        render(guide(), Key("cpt4", "99999"), release="r")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: procedure", "kind: ritual", "The kind 'ritual' is not known"),
        ("written:", "writen:", "The key 'writen' is not known"),
        ("## Summary", "## Overview", "The heading 'Overview' is not one of the kind procedure"),
        ("## Purpose", "## Summary", "The heading 'Summary' stands twice"),
        ("::: only 10001", "::: only 99999", "The guide is not about cpt4:99999"),
        ("::: only 10001", "::: except 10001", "A block for some of the codes is written"),
        ("It is on the left side.\n:::", "It is on the left side.", "is not nested"),
        ("You rest.", "You *rest*.", "are known here"),
        ("You rest.", "See [here](https://example.org).", "are known here"),
        ("You rest.", "You rest.<br>", "are known here"),
        ("Summary: supported", "Summary: fine", "The verdict 'fine' is not known"),
        ("## Name of the Procedure", "Hello.\n\n## Name of the Procedure", "before the first heading"),
        ("Sources: one\n\n## Purpose", "Sources: one\n\nMore.\n\n## Purpose", "after the line that ends"),
        ("Sources: one", "Sources: one, two", "The source 'two' is not in the front matter"),
        ("Sources: one", "Sources for 10001: two", "The source 'two' is not in the front matter"),
        ("Sources: one", "Sources for 99999: one", "The guide is not about cpt4:99999"),
        ("Sources: one", "Sources for E11: one", "'E11' is no CPT or HCPCS number"),
        ("Sources: one", "Sources for 10001:", "The line names no source"),
        ("Sources: one", "Sources for 10001 one", "are written `Sources for 62280: one, two`"),
        ("Sources: one", "Sources for : one", "are written `Sources for 62280: one, two`"),
        ("Sources: one", "Sources: one\nSources: one", "stands twice in this section"),
        (
            "Sources: one\n\n## Purpose",
            "Sources for 10001: one\n\nMore.\n\n## Purpose",
            "after the line that ends",
        ),
        (
            "right side.\n:::",
            "right side.\nSources for 10002: one\n:::",
            "inside a block for some of the codes",
        ),
        ('["10001-10002"]', "[E11]", "'E11' is no CPT or HCPCS number"),
    ],
)
def test_a_breach_of_the_format_names_file_and_line(guide, old, new, says):
    whole = guide.text()
    broken = whole.replace(old, new, 1)
    assert broken != whole
    with pytest.raises(ContentError, match=says) as raised:
        guide(broken)
    name, _, line = raised.value.where.partition(", line ")
    assert name == "washing.md"
    same = [a == b for a, b in zip(whole.splitlines(), broken.splitlines(), strict=False)]
    assert int(line) >= same.index(False) + 1
    assert int(line) <= same.index(False) + 8


def test_a_file_without_front_matter_is_refused(guide):
    with pytest.raises(ContentError, match="front matter is missing"):
        guide("## Summary\n")
