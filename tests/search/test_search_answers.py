"""Whole answers over a small index: order, reasons, facets, paging."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plaincode.errors import DamagedCatalog
from plaincode.model import Key, SearchResult
from plaincode.search import Lookup, Searcher, SearchRequest, more_like


def keys(result: SearchResult) -> list[str]:
    return [str(Key(hit.system, hit.code)) for hit in result.hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("heart failure", "icd10cm:I50"),
        ("diabetes", "icd10cm:E11"),  # its includes note says "diabetes NOS"
        ("diabetes insipidus", "icd10cm:E23.2"),
        ("type 2 diabetes", "icd10cm:E11"),
        ("T2DM", "icd10cm:E11"),
        ("heart attack", "icd10cm:I21.9"),  # billable before header
        ("hart attack", "icd10cm:I21.9"),
        ("HTN", "icd10cm:I10"),
        ("high blood pressure", "icd10cm:I10"),
        ("hives", "icd10cm:L50.9"),
        ("underactive thyroid", "icd10cm:E03.9"),
        ("brain tumour", "icd10cm:D49.6"),
        ("appendectomy", "icd10pcs:0DTJ0ZZ"),
        ("alzheimers disease", "icd10cm:G30.9"),
        ("meniere", "icd10cm:H81.09"),
        ("hypothyr", "icd10cm:E03.9"),
        ("UTI", "icd10cm:N39.0"),
        ("pyuria", "icd10cm:N39.0"),
        ("nerves lower back", "cpt4:62282"),
        ("broken wrist", "icd10cm:S52.501A"),
        ("my doctor said I have hypothyroidism", "icd10cm:E03.9"),
    ],
)
def test_what_is_meant_comes_first(searcher: Searcher, query: str, first: str) -> None:
    assert keys(searcher.search(SearchRequest(query)))[0] == first


@pytest.mark.parametrize(
    ("query", "code", "reason"),
    [
        ("E11.9", "E11.9", "code"),
        ("heart failure", "I50", "exact title"),
        ("systolic failure", "I50.21", "all words in the title"),
        ("pyuria", "N39.0", "note: pyuria seen"),
        ("HTN", "I10", "HTN means essential hypertension"),
        ("high blood pressure", "I10", "synonym: high blood pressure"),
        ("diabetes", "E11", "synonym: diabetes NOS"),
        ("hypothyroidsm", "E03.9", "spelling: hypothyroidsm → hypothyroidism"),
        ("brain tumour", "D49.6", "spelling: tumour → tumor"),
        ("hypothyr", "E03.9", "begins with hypothyr"),
        ("EO3.9", "E03.9", "letter O read as zero"),
    ],
)
def test_why_says_how_it_was_found(searcher: Searcher, query: str, code: str, reason: str) -> None:
    hits = {hit.code: hit.why for hit in searcher.search(SearchRequest(query)).hits}
    assert reason in hits[code]


def test_highlights_are_the_words_that_matched(searcher: Searcher) -> None:
    hit = searcher.search(SearchRequest("diabetic hyperglycemia")).hits[0]
    assert hit.display is not None
    assert [hit.display[h.start : h.end] for h in hit.highlights] == ["hyperglycemia"] or [
        hit.display[h.start : h.end] for h in hit.highlights
    ] == ["diabetes", "hyperglycemia"]


def test_did_you_mean_is_the_whole_question_put_right(searcher: Searcher) -> None:
    assert searcher.search(SearchRequest("Type 2 diabtes")).did_you_mean == "Type 2 diabetes"
    assert searcher.search(SearchRequest("Type 2 diabetes")).did_you_mean is None


def test_quotes_and_minus(searcher: Searcher) -> None:
    assert "icd10cm:I50.21" not in keys(searcher.search(SearchRequest("heart failure -acute")))
    assert keys(searcher.search(SearchRequest('"failure heart"'))) == []


def test_what_has_ended_comes_after(searcher: Searcher) -> None:
    found = keys(searcher.search(SearchRequest("diabetes mellitus")))
    active = ["icd10cm:E11", "icd10cm:O24.4", "icd10cm:E11.65"]
    assert all(found.index(key) < found.index("icd9cm:250.00") for key in active)


def test_excluded_conditions_do_not_find_a_code(searcher: Searcher) -> None:
    assert keys(searcher.search(SearchRequest("neonatal", limit=5))) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("E11", ["icd10cm:E11", "icd10cm:E11.0", "icd10cm:E11.65", "icd10cm:E11.9"]),
        ("E11.", ["icd10cm:E11", "icd10cm:E11.0", "icd10cm:E11.65", "icd10cm:E11.9"]),
        ("E11.*", ["icd10cm:E11.0", "icd10cm:E11.65", "icd10cm:E11.9"]),
        ("0DT*", ["icd10pcs:0DTJ0ZZ", "icd10pcs:0DTJ4ZZ"]),
        ("6228", ["cpt4:62280", "cpt4:62281", "cpt4:62282"]),
        ("62280-62282", ["cpt4:62280", "cpt4:62281", "cpt4:62282"]),
        ("62282-62280", ["cpt4:62280", "cpt4:62281", "cpt4:62282"]),
        ("E11.0-E11.9", ["icd10cm:E11.0", "icd10cm:E11.65", "icd10cm:E11.9"]),
        ("cpt4:6228", ["cpt4:62280", "cpt4:62281", "cpt4:62282"]),
        ("470", ["drg:470", "icd9cm:470", "cpt4:00470"]),
        ("99213-25", ["cpt4:99213"]),
        ("E11.65 and I10", ["icd10cm:E11.65", "icd10cm:I10"]),
        ("DRG", ["drg:003", "drg:100", "drg:470"]),
    ],
)
def test_codes_prefixes_wildcards_ranges(searcher: Searcher, query: str, expected: list[str]) -> None:
    result = searcher.search(SearchRequest(query))
    assert keys(result) == expected
    assert result.total == len(expected)


def test_a_modifier_is_shown_beside_its_code(searcher: Searcher) -> None:
    hit = searcher.search(SearchRequest("01/15/2026 62323 RT 1 $450.00 M54.16")).hits[0]
    assert (hit.code, [m.code for m in hit.modifiers]) == ("62323", ["RT"])


def test_a_code_with_words_finds_both(searcher: Searcher) -> None:
    found = keys(searcher.search(SearchRequest("I50.9 diabetes insipidus")))
    assert found[:2] == ["icd10cm:I50.9", "icd10cm:E23.2"]


@pytest.mark.parametrize("query", ["0360", "CO-45", "0002-8215-01", "POS 11"])
def test_a_look_alike_is_named_and_finds_nothing(searcher: Searcher, query: str) -> None:
    result = searcher.search(SearchRequest(query))
    assert (result.total, result.hits) == (0, ())
    assert result.looks_like is not None
    assert result.message == f"This looks like a {result.looks_like}; plaincode does not hold these yet."


def test_a_look_alike_among_codes_is_named_and_passed_over(searcher: Searcher) -> None:
    result = searcher.search(SearchRequest("0360 99213 $125"))
    assert keys(result) == ["cpt4:99213"]
    assert result.message == "0360 looks like a revenue code; plaincode does not hold these yet."


def test_a_possible_look_alike_is_named_where_no_code_is_spelled_so(searcher: Searcher) -> None:
    assert searcher.search(SearchRequest("622")).looks_like == "type of bill"
    assert searcher.search(SearchRequest("470")).looks_like is None


def test_an_unknown_code_is_said_to_be_unknown(searcher: Searcher) -> None:
    result = searcher.search(SearchRequest("99999"))
    assert result.total == 0
    assert result.message is not None
    assert "99999" in result.message


def test_filters_and_facets(searcher: Searcher) -> None:
    everything = searcher.search(SearchRequest("diabetes"))
    systems = {f.value: f.count for f in everything.facets["system"]}
    assert sum(systems.values()) == everything.total
    assert set(systems) == {"icd10cm", "icd9cm"}
    only = searcher.search(SearchRequest("diabetes", systems=("icd9cm",)))
    assert (only.total, keys(only)) == (systems["icd9cm"], ["icd9cm:250.00"])
    assert {f.value: f.count for f in only.facets["system"]} == systems  # its own filter left out
    active = searcher.search(SearchRequest("diabetes", active=True))
    assert active.total == systems["icd10cm"]
    billable = searcher.search(SearchRequest("diabetes", billable=True))
    assert all(hit.billable for hit in billable.hits)
    assert billable.total == len(billable.hits)
    chapter = searcher.search(SearchRequest("diabetes", chapter="15"))
    assert keys(chapter) == ["icd10cm:O24.4"]
    kinds = searcher.search(SearchRequest("diabetes", kinds=("block",)))
    assert keys(kinds) == ["icd10cm:E08-E13"]


def test_active_only_keeps_what_is_not_known(searcher: Searcher) -> None:
    assert keys(searcher.search(SearchRequest("99213", active=True))) == ["cpt4:99213"]
    assert keys(searcher.search(SearchRequest("62310", active=True))) == []


@pytest.mark.parametrize("query", ["diabetes", "E11", "62280, 62281, 62282", "E11.*"])
def test_pages_join_to_the_whole(searcher: Searcher, query: str) -> None:
    whole = searcher.search(SearchRequest(query, limit=100))
    pages = [searcher.search(SearchRequest(query, limit=2, page=p)) for p in range(1, 9)]
    assert [k for page in pages for k in keys(page)] == keys(whole)
    assert {page.total for page in pages} == {whole.total} == {len(whole.hits)}


def test_an_empty_question_gets_a_friendly_word(searcher: Searcher) -> None:
    result = searcher.search(SearchRequest("  \n"))
    assert (result.total, result.hits) == (0, ())
    assert result.message == "Type a code, or what you are looking for in your own words."


def test_many_threads_get_the_same_answers(searcher: Searcher) -> None:
    queries = ["diabetes", "hart attack", "E11", "6228", "hypothyr", "99213-25", "0360"] * 12
    alone = [keys(searcher.search(SearchRequest(q))) for q in queries]
    with ThreadPoolExecutor(8) as pool:
        together = [keys(r) for r in pool.map(lambda q: searcher.search(SearchRequest(q)), queries)]
    assert together == alone


def test_more_like_shares_words_and_is_never_itself(searcher: Searcher, lookup: Lookup) -> None:
    concept = lookup.concept(Key("icd10cm", "E11.9"))
    assert concept is not None
    found = more_like(searcher, concept, 3)
    assert len(found) == 3
    assert concept.key not in [key for key, _, _ in found]
    key, score, words = found[0]
    assert key.code.startswith("E11")
    assert 0 < score <= 1
    assert {"type", "diabetes"} <= set(words)
    nameless = lookup.concept(Key("cpt4", "99213"))
    assert nameless is not None
    assert more_like(searcher, nameless, 3) == []


def test_a_folder_that_is_no_index_is_refused(tmp_path: Path, lookup: Lookup) -> None:
    with pytest.raises(DamagedCatalog, match="cannot be opened"):
        Searcher(tmp_path, lookup)
