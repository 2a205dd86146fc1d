"""The order of a search by words: title before synonym, every word before most of them."""

import pytest

from plaincode.model import Concept, Key, Note
from plaincode.search import IndexWriter, Lookup, Searcher, SearchRequest, Vocabulary


def code(system: str, number: str, **more: object) -> Concept:
    return Concept(system, number, billable=True, **more)  # type: ignore[arg-type]


ROWS = [
    code("icd10cm", "J45.909", display="Unspecified asthma, uncomplicated", terms=("Asthma NOS",)),
    code("icd10cm", "J45.991", display="Cough variant asthma"),
    code("icd10cm", "Z82.5", display="Family history of asthma and other chronic lower respiratory diseases"),
    code("icd10cm", "J18.9", display="Pneumonia, unspecified organism"),
    code("icd10cm", "A01.03", display="Typhoid pneumonia"),
    code("icd10cm", "R06.2", display="Wheezing", notes=(Note("note", "asthma is coded elsewhere"),)),
    code("icd10cm", "K02.9", display="Dental caries, unspecified"),
    code("icd10cm", "E11.621", display="Type 2 diabetes mellitus with foot ulcer"),
    code("icd10cm", "E11.9", display="Type 2 diabetes mellitus without complications"),
    code("icd10cm", "I21.9", display="Acute myocardial infarction, unspecified"),
    code("icd10cm", "M92.7", display="Freiberg's infraction"),
    code("icd10cm", "G35", display="Multiple sclerosis"),
    code("icd10cm", "R10.9", display="Unspecified abdominal pain"),
    code("icd9cm", "727.81", display="Short ach tendon-acquired", active=False),
    code("icd9cm", "493.90", display="Asthma", active=False),
    code("hcpcs", "J7611", title="Albuterol to breathe in", title_status="x", terms=("asthma",)),
    code("hcpcs", "J7612", title="Levalbuterol", title_status="x", terms=("asthma medicine",)),
    code("hcpcs", "E0156", title="Seat attachment for a walker", title_status="x"),
    code("hcpcs", "E0130", title="Rigid walker, adjustable or fixed height", title_status="x"),
    code("hcpcs", "MS", title="Maintenance", title_status="x", kind="modifier"),
]
BY_KEY = {row.key: row for row in ROWS}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary, lookup: Lookup) -> Searcher:
    folder = tmp_path_factory.mktemp("order") / "index"
    writer = IndexWriter(folder, vocabulary, list(lookup.normalise))
    for row in ROWS:
        writer.add(row)
    writer.commit()
    return Searcher(folder, Lookup(BY_KEY.get, lookup.normalise, lookup.named))


def keys(searcher: Searcher, query: str, limit: int = 20, page: int = 1) -> list[str]:
    hits = searcher.search(SearchRequest(query, limit=limit, page=page)).hits
    return [str(Key(hit.system, hit.code)) for hit in hits]


def test_title_then_whole_synonym_then_synonym_then_note(searcher: Searcher) -> None:
    assert keys(searcher, "asthma") == [
        "icd10cm:J45.909",
        "icd10cm:J45.991",
        "icd10cm:Z82.5",
        "icd9cm:493.90",
        "hcpcs:J7611",
        "hcpcs:J7612",
        "icd10cm:R06.2",
    ]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("pneumonia", "icd10cm:J18.9"),
        ("walker", "hcpcs:E0130"),  # what it is of comes before what is for it
        ("tooth decay", "icd10cm:K02.9"),
        ("myocardal infraction", "icd10cm:I21.9"),
        ("heart att", "icd10cm:I21.9"),
        ("r/o pneumonia", "icd10cm:J18.9"),
    ],
)
def test_what_is_meant_leads(searcher: Searcher, query: str, first: str) -> None:
    assert keys(searcher, query)[0] == first


def test_most_of_the_words_follow_every_word(searcher: Searcher) -> None:
    whole = searcher.search(SearchRequest("type 2 diabetes foot"))
    assert [hit.code for hit in whole.hits] == ["E11.621", "E11.9"]
    assert whole.total == 2
    assert whole.hits[0].score > whole.hits[1].score
    assert whole.hits[1].why == ("3 of 4 words: type, 2, diabetes",)
    pages = [keys(searcher, "type 2 diabetes foot", limit=1, page=page) for page in (1, 2, 3)]
    assert pages == [["icd10cm:E11.621"], ["icd10cm:E11.9"], []]


def test_two_rare_words_are_put_right_together(searcher: Searcher) -> None:
    assert searcher.search(SearchRequest("myocardal infraction")).did_you_mean == "myocardial infarction"


def test_a_modifier_comes_before_what_its_letters_are_short_for(searcher: Searcher) -> None:
    assert keys(searcher, "MS") == ["hcpcs:MS", "icd10cm:G35"]
    assert keys(searcher, "modifier MS") == ["hcpcs:MS"]


def test_a_short_stem_is_no_abbreviation(searcher: Searcher) -> None:
    assert keys(searcher, "tummy ache") == ["icd10cm:R10.9"]
    assert "icd9cm:727.81" not in keys(searcher, "ache")


def test_exclusions_alone_find_nothing_and_say_so(searcher: Searcher) -> None:
    result = searcher.search(SearchRequest("-diabetes"))
    assert (result.total, result.message) == (
        0,
        "Only words to leave out were given. Say also what you are looking for.",
    )
