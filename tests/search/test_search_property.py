"""Property tests: no text makes the search raise; reading a text twice changes nothing."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plaincode.search import Searcher, SearchRequest, tidy, understand
from plaincode.search.words import fold, tokens

PIECES = st.sampled_from(
    ["E11.9", "62282", "RT", "-", '"', "*", "AND", "NOT", "(", "470", "$450.00", "01/15/2026", "diabtes",
     "heart attack", "x200", "E11.0-E11.9", "0DT*", ":", "cpt", "🙂", "糖尿病", "\x00", "\ud800",
     "^~+&|!{}[]\\/"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=8).map(" ".join))
SLOW = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(text=TEXTS, page=st.integers(-3, 5), limit=st.integers(-3, 900))
@SLOW
def test_no_input_makes_search_raise(searcher: Searcher, text: str, page: int, limit: int) -> None:
    """No input makes search raise; every hit says why; the total is true."""
    result = searcher.search(SearchRequest(text, limit=limit, page=page))
    assert all(hit.why and all(hit.why) for hit in result.hits)
    assert result.total >= len(result.hits)
    assert result.hits or result.message or page > 1
    for hit in result.hits:
        for mark in hit.highlights:
            assert 0 <= mark.start < mark.end <= len(getattr(hit, mark.field))


@given(text=TEXTS)
@SLOW
def test_understanding_is_of_the_tidied_text(text: str) -> None:
    """Tidying is idempotent, and understanding does not depend on it having been done."""
    assert tidy(tidy(text)) == tidy(text)
    assert understand(tidy(text)) == understand(text)


@given(text=st.text(max_size=40))
@SLOW
def test_folding_is_idempotent(text: str) -> None:
    """Normalising is idempotent."""
    assert [fold(w) for w in tokens(text)] == tokens(text)


def test_ten_thousand_characters_are_cut_sensibly(searcher: Searcher) -> None:
    result = searcher.search(SearchRequest("heart failure " * 800))
    assert (result.hits[0].code, result.took_ms < 1000) == ("I50", True)
