"""What holds for every key, spelling and question; each test quotes the sentence it proves."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plaincode.errors import PlaincodeError
from plaincode.model import Choices, Key
from plaincode.search import tidy, understand
from plaincode.systems import SYSTEMS, by_name
from plaincode.verbs import VERBS, parse

EVERY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Text that comes near to codes, operators and bill lines as well as any text at all.
PIECES = st.sampled_from(
    [
        *(
            "M54.5",
            "m545",
            "62282",
            "99213-25",
            "J0585",
            "JZ",
            "x200",
            "0DTJ4ZZ",
            "470",
            "3",
            "icd10cm:",
            "cpt",
        ),
        *(
            "0360",
            "CO-45",
            "low",
            "back",
            "pain",
            "*",
            "?",
            "-",
            '"',
            "(",
            ")",
            "AND",
            "NOT",
            ":",
            "\\",
            "/",
            ".",
        ),
        *(
            "\x00",
            "\x1b[31m",
            "\u202e",
            "é",
            "😀",
            "中文",
            "$1,234.00",
            "10/01/2021",
            "62280-62282",
            "^",
            "~2",
            "[a TO b]",
        ),
        *(
            "to",
            "E11.x",
            "%",
            "_",
            "'",
            ";",
            "--",
            "\n",
            "\t",
            "\ufeff",
            "\ud800",
            "icd10cm:chapter-",
            "http://",
            "|",
        ),
    ]
)
ANY = (
    st.text(max_size=60)
    | st.lists(PIECES, max_size=8).map(" ".join)
    | st.lists(PIECES, max_size=8).map("".join)
)


def attempt(ask, *asked):
    """Return (answer, None), or (None, what we raised on purpose)."""
    try:
        return ask(*asked), None
    except PlaincodeError as error:
        return None, error


def every_key(catalog):
    return catalog._store.scan()


def test_a_key_parses_what_it_prints(catalog):
    """Every code of every system, printed and read again, is itself."""
    seen = 0
    for concept in every_key(catalog):
        printed = str(concept.key)
        assert Key(*printed.split(":", 1)) == concept.key
        assert catalog[printed].key == concept.key
        assert catalog[concept.key].key == concept.key
        assert catalog[f"{SYSTEMS[concept.system].omop}:{concept.code}"].key == concept.key
        assert catalog[f"{SYSTEMS[concept.system].url}|{concept.code}"].key == concept.key
        seen += 1
    assert seen > 5000


def test_a_code_without_its_system_is_itself_or_a_choice_that_has_it(catalog):
    for concept in every_key(catalog):
        found = catalog.show(concept.code)
        if isinstance(found, Choices):
            assert concept.key in [Key(r.system, r.code) for r in found.choices]
        else:
            assert Key(found.system, found.code) == concept.key


@EVERY
@given(text=ANY)
def test_normalising_is_idempotent(text):
    for system in SYSTEMS.values():
        once = system.normalise(text)
        assert once is None or system.normalise(once) == once


@EVERY
@given(text=ANY)
def test_a_system_has_one_name_whatever_is_asked(text):
    found = by_name(text)
    assert found is None or found is SYSTEMS[found.id]


def test_hierarchies_have_no_cycles_and_lead_to_the_top(catalog):
    parents = {c.key: [Key(c.system, p) for p in c.parents] for c in every_key(catalog)}
    for key, above in parents.items():
        seen, queue = set(), list(above)
        while queue:
            step = queue.pop()
            assert step in parents, f"{key} stands below {step}, which is not there"
            assert step != key
            if step not in seen:
                seen.add(step)
                queue.extend(parents[step])


def test_every_code_is_found_by_walking_down(catalog):
    for info in catalog.systems().systems:
        seen, queue = set(), [catalog.browse(info.id)]
        while queue:
            for child in queue.pop().children:
                if child.code not in seen:
                    seen.add(child.code)
                    queue.append(catalog.browse(f"{child.system}:{child.code}"))
        assert seen == {c.code for c in catalog._store.scan(info.id)}


def test_counts_below_are_those_of_walking_down(catalog):
    for root in ("icd10cm", "drg", "icd10pcs"):
        for child in catalog.browse(root).children:
            seen, queue = set(), [f"{root}:{child.code}"]
            while queue:
                for below in catalog.browse(queue.pop()).children:
                    if below.code not in seen:
                        seen.add(below.code)
                        queue.append(f"{root}:{below.code}")
            assert child.count == sum(not code[0].islower() for code in seen), child.code


@EVERY
@given(text=ANY, limit=st.integers(1, 5), page=st.integers(1, 3))
def test_no_input_makes_search_raise(catalog, text, limit, page):
    found = catalog.search(text, limit=limit, page=page)
    assert found.query == text
    assert found.total >= len(found.hits)
    assert len(found.hits) <= limit
    for hit in found.hits:
        assert hit.why
        assert catalog.get(Key(hit.system, hit.code)) is not None
        for mark in hit.highlights:
            value = getattr(hit, mark.field, None)
            if isinstance(value, str):
                assert 0 <= mark.start < mark.end <= len(value)
    for facet in found.facets.values():
        assert all(count.count > 0 for count in facet)


@pytest.mark.parametrize("verb", [v.name for v in VERBS if any(p.name in {"key", "at"} for p in v.params)])
def test_no_input_makes_a_verb_raise_anything_but_what_we_raise_on_purpose(verb, catalog):
    ask = getattr(catalog, verb)

    @EVERY
    @given(text=ANY)
    def asked(text):
        answer, error = attempt(ask, text)
        if error is None:
            assert answer.to_dict()
        else:
            assert error.what.strip()
            assert error.error in {"not_found", "bad_request", "edition_not_loaded", "too_large"}

    asked()


@EVERY
@given(text=ANY, day=st.text(max_size=12) | st.dates().map(str))
def test_no_day_makes_a_view_raise_anything_else(catalog, text, day):
    shown, error = attempt(lambda: catalog.on(day).show(text))
    assert shown is not None or error.exit_code in {1, 2}


@EVERY
@given(text=ANY)
def test_what_is_understood_is_tidy_and_twice_the_same(text):
    first = understand(text)
    assert understand(text) == first
    assert tidy(tidy(text)) == tidy(text)
    assert not any(ch in tidy(text) for ch in "\x00\x1b\n\u202e")


@EVERY
@given(texts=st.lists(ANY, min_size=1, max_size=3))
def test_a_parameter_is_parsed_or_refused(texts):
    for verb in VERBS:
        for param in verb.params:
            value, error = attempt(parse, param, texts)
            expected = {
                "many": tuple,
                "int": int,
                "flag": bool,
                "state": (bool, str),
                "text": str,
                "date": str,
            }[param.kind]
            assert isinstance(value, expected) or error.exit_code == 2


@EVERY
@given(data=st.data())
def test_paging_shows_every_hit_once_and_in_the_same_order(catalog, data):
    query = data.draw(st.sampled_from(["injection", "low back pain", "M54.*", "622", "62280-62282", "9921"]))
    size = data.draw(st.integers(1, 7))
    whole = catalog.search(query, limit=200)
    listed = []
    for page in range(1, whole.total // size + 2):
        found = catalog.search(query, limit=size, page=page)
        assert found.total == whole.total
        listed += [(h.system, h.code) for h in found.hits]
        if len(listed) >= 60:
            break
    assert listed == [(h.system, h.code) for h in whole.hits][: len(listed)]
    assert len(set(listed)) == len(listed)


def test_the_same_question_has_the_same_order_every_time(catalog):
    for query in ("injection", "pain", "back", "62", "J"):
        first = [(h.system, h.code, h.score) for h in catalog.search(query, limit=50).hits]
        assert all(
            [(h.system, h.code, h.score) for h in catalog.search(query, limit=50).hits] == first
            for _ in range(3)
        )
