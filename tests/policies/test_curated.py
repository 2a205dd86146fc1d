"""Curated policy records: read strictly, checked."""

import pytest

from plaincode import content, policies, titles
from plaincode.errors import ContentError
from plaincode.model import Key

RECORD = """payer: A health plan
line_of_business: commercial
number: "0123"
title: Washing of widgets
kind: medical policy
url: https://example.org/0123
document_date: 2024-05-01
version:
retrieved: stored copy
jurisdiction: [NY, CT]
status: as of the document's date
read_by: AI reader, 2026-11-23
links:
  - codes: [10001, "10002-10009"]
    role: covered_if
    condition: The widget is dirty.
    section: When it is covered
    quote: washing may be needed
    units:
    place_of_service:
    effective_from: 2024-05-01
    effective_to:
  - codes: [icd10cm:X01]
    role: related
    section: Related codes
"""


def known(system, first, last):
    held = {"cpt4": ["10001", "10002", "10003"], "icd10cm": ["X01"]}
    return [code for code in held.get(system, []) if first <= code <= last]


def made(tmp_path, text=RECORD):
    path = tmp_path / "0123.yaml"
    path.write_text(text, encoding="utf-8")
    return policies.read(path, known)


def test_a_record_is_read_whole(tmp_path):
    held = made(tmp_path)
    policy = held.policy
    assert (policy.payer, policy.number, policy.document_date) == ("A health plan", "0123", "2024-05-01")
    assert (policy.version, policy.retrieved, policy.jurisdiction) == (None, "stored copy", ("NY", "CT"))
    assert [link.role for link in policy.links] == ["covered_if", "related"]
    assert policy.links[0].quote == "washing may be needed"
    assert policy.links[0].effective_from == "2024-05-01"
    assert policy.links[1].condition is None
    assert policies.check(held) == []


def test_codes_are_expanded_to_keys(tmp_path):
    held = made(tmp_path)
    assert held.policy.links[0].codes == ("cpt4:10001", "cpt4:10002", "cpt4:10003")
    assert held.keys[-1] == Key("icd10cm", "X01")
    assert len(held.keys) == 4


def test_codes_that_no_list_knows_are_reported_and_kept(tmp_path):
    held = made(tmp_path, RECORD.replace("[10001, ", "[10001, 99999, "))
    assert "cpt4:99999" in held.policy.links[0].codes
    found = policies.check(held)
    assert [(p.what, p.line, p.kept) for p in found] == [("No loaded list knows 99999.", 14, True)]


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("kind: medical policy", "kind: rumour", "kind is 'rumour'", 5),
        ("role: covered_if", "role: maybe", "role is 'maybe'", 15),
        ("line_of_business: commercial", "line_of_business: other", "line_of_business is 'other'", 2),
        ("payer:", "payor:", "'payor' is not known", 1),
        ("2024-05-01\nversion", "May 2024\nversion", "document_date is 'May 2024'", 7),
        ("retrieved: stored copy", "retrieved: some day", "retrieved is 'some day'", 9),
        ("    units:", "    unit:", "'unit' is not known", 19),
        ("    section: Related codes\n", "", "neither section nor quote", 23),
        ("[icd10cm:X01]", "[X01]", "no CPT or HCPCS number", 23),
        ("title: Washing of widgets", "title:", "'title' is missing or empty", 1),
    ],
)
def test_a_breach_of_the_format_names_file_and_line(tmp_path, old, new, says, line):
    assert old in RECORD
    with pytest.raises(ContentError, match=says) as raised:
        made(tmp_path, RECORD.replace(old, new, 1))
    assert raised.value.where == f"0123.yaml, line {line}"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("as of the document's date", "the current policy", '"Current" is never said of a policy'),
        ("The widget is dirty.", "", "The role covered_if has a condition."),
        ("washing may be needed", "word " * 16, "The quote has 16 words; 15 is the most."),
        ("https://example.org/0123", "example.org", "The address is not a plain web address."),
        ("effective_to:\n", "effective_to: 2023-01-01\n", "It ends before it begins."),
    ],
)
def test_a_broken_rule_is_reported(tmp_path, old, new, fault):
    found = policies.check(made(tmp_path, RECORD.replace(old, new, 1)))
    assert len(found) == 1
    assert found[0].what.startswith(fault)


def test_medicare_may_be_quoted_at_length(tmp_path):
    long = RECORD.replace("washing may be needed", "word " * 40)
    own = long.replace("A health plan", "Medicare").replace("business: commercial", "business: Medicare")
    assert policies.check(made(tmp_path, own)) == []


def test_the_shipped_records_pass():
    root = content.folder()
    held = titles.read(root / "titles")

    def numbers(system, first, last):
        return sorted(k.code for k in held.rows if k.system == system and first <= k.code <= last)

    records = [
        policies.read(path, numbers, name=name)
        for name, path in content.paths(root)
        if name.startswith("coverage/")
    ]
    assert len(records) >= 3
    assert [p for record in records for p in policies.check(record) if not p.kept] == []
    assert any(record.policy.line_of_business == "Medicare" for record in records)
    named = {key.code for record in records for key in record.keys}
    assert named & {"62280", "62281", "62282", "62320", "62321", "62322", "62323"}
