"""Codes in any spelling, without an index."""

from dataclasses import replace

import pytest

from plaincode.model import Concept, Key
from plaincode.search import Code, Lookup, looks_like_message, resolve, understand


def found(text: str, lookup: Lookup) -> list[str]:
    return [str(f.concept.key) for f in resolve(understand(text, lookup.named), lookup).found]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("E11.9", ["icd10cm:E11.9"]),
        ("e119", ["icd10cm:E11.9"]),
        ("icd10 e11.9", ["icd10cm:E11.9"]),
        ("ICD-10-CM: E11.9", ["icd10cm:E11.9"]),
        ("CPT 62282", ["cpt4:62282"]),
        ("CPT® code 62282", ["cpt4:62282"]),
        ("cpt4:62282", ["cpt4:62282"]),
        ("(62282)", ["cpt4:62282"]),
        ("0DTJ4ZZ", ["icd10pcs:0DTJ4ZZ"]),
        ("odtj4zz", ["icd10pcs:0DTJ4ZZ"]),
        ("EO3.9", ["icd10cm:E03.9"]),
        ("024.4", ["icd10cm:O24.4"]),
        ("DTJ4ZZ", ["icd10pcs:0DTJ4ZZ"]),
        ("drg 470", ["drg:470"]),
        ("470", ["drg:470", "icd9cm:470", "cpt4:00470"]),
        ("100", ["drg:100", "cpt4:00100"]),
        ("3", ["drg:003"]),
        ("250.00", ["icd9cm:250.00"]),
        ("RT", ["hcpcs:RT"]),
        ("E11.9, I10; 99213\n0DTJ4ZZ", ["icd10cm:E11.9", "icd10cm:I10", "cpt4:99213", "icd10pcs:0DTJ4ZZ"]),
        ("99213", ["cpt4:99213"]),
        ("99999", []),
        ("type 2 diabetes", []),
    ],
)
def test_a_code_is_found_in_any_spelling(text: str, keys: list[str], lookup: Lookup) -> None:
    assert found(text, lookup) == keys


@pytest.mark.parametrize(
    ("text", "code", "modifiers"),
    [
        ("99213-25", "99213", ["25"]),
        ("99213-25-RT", "99213", ["25", "RT"]),
        ("62323 RT", "62323", ["RT"]),
        ("J0585-JZ x200", "J0585", ["JZ"]),
        ("E0601RR", "E0601", ["RR"]),
    ],
)
def test_modifiers_stand_beside_the_code(text: str, code: str, modifiers: list[str], lookup: Lookup) -> None:
    resolved = resolve(understand(text, lookup.named), lookup)
    assert [(f.concept.code, [m.code for m in f.modifiers]) for f in resolved.found] == [(code, modifiers)]


def test_a_modifier_that_nobody_holds_is_said_not_shown(lookup: Lookup) -> None:
    resolved = resolve(understand("99213-Q9", lookup.named), lookup)
    assert resolved.found[0].modifiers == ()
    assert resolved.messages == ("Modifier Q9 is not one that plaincode holds.",)


def test_a_bill_line_gives_its_codes_and_passes_over_the_rest(lookup: Lookup) -> None:
    said = understand("01/15/2026 62323 RT 1 $450.00 M54.16", lookup.named)
    assert said.codes == (Code("62323", None, ("RT",), what="billed"), Code("M54.16"))
    assert said.passed_over == ("01/15/2026", "1", "$450.00")
    assert said.words == ""
    assert said.bill


def test_units_are_no_modifier() -> None:
    assert understand("J0585 50 units").codes == (Code("J0585", what="billed"),)


def test_a_price_is_no_code_on_a_bill_line(lookup: Lookup) -> None:
    assert found("01/15/2026 99213 250.00", lookup) == ["cpt4:99213"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("62280-62282", ("62280", "62282")),
        ("E11.0 - E11.9", ("E11.0", "E11.9")),
        ("99213 to 99215", ("99213", "99215")),
        ("62280–62282", ("62280", "62282")),
        ("99213-25", None),
        ("covid-19", None),
    ],
)
def test_a_range_has_two_whole_codes(text: str, span: tuple[str, str] | None) -> None:
    assert understand(text).span == span


@pytest.mark.parametrize(
    ("text", "wildcard"), [("E11.*", "E11.*"), ("0DT*", "0DT*"), ("E11.x", "E11.*"), ("E11?", None)]
)
def test_wildcards(text: str, wildcard: str | None) -> None:
    assert understand(text).wildcard == wildcard


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0360", "revenue code"),
        ("rev code 360", "revenue code"),
        ("CO-45", "claim adjustment code"),
        ("PR 1", "claim adjustment code"),
        ("0002-8215-01", "National Drug Code (NDC)"),
        ("POS 11", "place of service code"),
        ("bill type 131", "type of bill"),
        ("036.0", None),
        ("99213", None),
    ],
)
def test_what_we_do_not_hold_is_recognised(text: str, kind: str | None) -> None:
    assert understand(text).looks_like == kind


def test_a_system_named_wrongly_is_said(lookup: Lookup) -> None:
    resolved = resolve(understand("icd10 0DTJ4ZZ", lookup.named), lookup)
    assert [f.concept.code for f in resolved.found] == ["0DTJ4ZZ"]
    assert "other systems" in resolved.messages[0]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("0450 99213-25", ["cpt4:99213"]),
        ("0360 99213 $125", ["cpt4:99213"]),
        ("1 99213 25 E11.9 I10 125.00 1", ["cpt4:99213", "icd10cm:E11.9", "icd10cm:I10"]),
        ("2 E11.9", ["icd10cm:E11.9"]),
        ("J0585 200 units 1234.50", ["hcpcs:J0585"]),
        ("99213 1 125.00", ["cpt4:99213"]),
        ("99213 470", ["cpt4:99213"]),
        ("99213 drg 470", ["cpt4:99213", "drg:470"]),
        ("icd9 470 036.0", ["icd9cm:470", "icd9cm:036.0"]),
        ("J1100", ["hcpcs:J1100", "icd10cm:J11.00"]),
        ("J1100 x4", ["hcpcs:J1100"]),
        ("J1100-JZ x4", ["hcpcs:J1100"]),
        ("J1100-JZ", ["hcpcs:J1100"]),
        ("modifier 25", ["cpt4:25"]),
        ("modifier RT", ["hcpcs:RT"]),
        ("E 11.9", ["icd10cm:E11.9"]),
        ("e11 .9", ["icd10cm:E11.9"]),
        ("icd10cm/E11.9", ["icd10cm:E11.9"]),
        ("\uff25\uff11\uff11\uff0e\uff19", ["icd10cm:E11.9"]),  # full-width
        ("62282.", ["cpt4:62282"]),
        ("99213/99214", ["cpt4:99213", "cpt4:99214"]),
        ("99213+99214", ["cpt4:99213", "cpt4:99214"]),
    ],
)
def test_a_bill_is_read_as_it_is_printed(text: str, keys: list[str], lookup: Lookup) -> None:
    both = {
        Key("icd10cm", "J11.00"): Concept("icd10cm", "J11.00", "Influenza"),
        Key("hcpcs", "J1100"): Concept("hcpcs", "J1100"),
    }
    more = replace(lookup, concept=lambda key: both.get(key) or lookup.concept(key))
    assert found(text, more) == keys


@pytest.mark.parametrize(
    ("text", "modifiers"),
    [
        ("99213 25", ["25"]),
        ("99213 - 25", ["25"]),
        ("99213 modifier 25", ["25"]),
        ("99213 10 E11.9", []),  # ten units: there is no modifier 10
        ("62323:RT", ["RT"]),
    ],
)
def test_two_characters_after_a_code_are_its_modifier(
    text: str, modifiers: list[str], lookup: Lookup
) -> None:
    resolved = resolve(understand(text, lookup.named), lookup)
    assert [m.code for m in resolved.found[0].modifiers] == modifiers
    assert resolved.messages == ()


def test_a_code_with_a_dot_takes_no_modifier(lookup: Lookup) -> None:
    resolved = resolve(understand("E1165 25", lookup.named), lookup)
    assert [(f.concept.code, f.modifiers) for f in resolved.found] == [("E11.65", ())]


def test_a_revenue_code_on_a_bill_line_is_named() -> None:
    said = understand("0450 99284-25")
    assert (said.beside, said.passed_over) == ((("0450", "revenue code"),), ("0450",))


def test_the_article_is_that_of_the_word_as_read() -> None:
    assert looks_like_message("LOINC code").startswith("This looks like a LOINC code;")
    assert looks_like_message("ICD-11 code").startswith("This looks like an ICD-11 code;")
