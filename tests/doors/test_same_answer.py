"""Every verb gives the same answer at every door: Python, the command line, REST; errors and choices too."""

import json
from urllib.parse import quote

import pytest

from plaincode.errors import NotFound, PlaincodeError
from plaincode.model import Choices, SearchResult
from plaincode.verbs import VERBS, verb

KEYS = (
    "icd10cm:M54.5",
    "icd10cm:M54.50",
    "icd10cm:m5450",
    "icd10cm:W08XXXA",
    "icd10cm:chapter-13",
    "icd10cm:block-M50-M54",
    "ICD10CM:M54",
    "cpt4:62280",
    "cpt4:62282",
    "CPT4:62310",
    "cpt4:62282-59",
    "cpt4:99213-ZZ",
    "cpt4:RT",
    "cpt4:range-622",
    "hcpcs:J0585",
    "hcpcs:E0601RR",
    "hcpcs:J0585-JZ x200",
    "hcpcs:RT",
    "drg:470",
    "drg:mdc-05",
    "icd9cm:470",
    "icd9proc:60.5",
    "icd10pcs:0DTJ4ZZ",
    "icd10pcs:table-0DT",
    # what is not there
    "icd10cm:M54.52",
    "icd10cm:M54.5Z",
    "icd10cm:Z",
    "icd10cm:chapter-99",
    "cpt4:99998",
    "icd10cm:\x01\x02",
    "icd10cm:é😀",
    "icd10cm:" + "9" * 300,
    "icd10cm:'; DROP TABLE concept; --",
)
BARE = (
    "M54.5",
    "m54.5",
    "470",
    "3",
    "100",
    "62282",
    "99213-25",
    "62323 RT",
    "J0585-JZ x200",
    "E0601RR",
    "0360",
    "CO-45",
    "M54.52",
    "62280-62282",
    "M54.*",
    "nothing at all",
    "😀",
    "y" * 250,
    "chapter-13",
)
DAYS = (
    "2020-09-30",
    "2020-10-01",
    "2021-09-30",
    "2021-10-01",
    "2022-09-30",
    "2022-10-01",
    "soon",
    "2021-02-30",
)
PLACES = (None, "icd10cm", "ICD10CM", "cpt4", "drg", "icd10pcs", "icd9cm", "rxnorm", "no such system")
SEARCHES = (
    {"query": "low back pain"},
    {"query": "M54.5"},
    {"query": "99213-25"},
    {"query": "62323 RT"},
    {"query": "J0585-JZ x200"},
    {"query": "0360"},
    {"query": "CO-45"},
    {"query": "epidural", "system": ("cpt4",), "limit": 3, "page": 2},
    {"query": "epidural", "system": ("cpt4", "hcpcs"), "active": True},
    {"query": "back", "kind": ("diagnosis",), "billable": True},
    {"query": "back", "billable": False, "chapter": "chapter-13"},
    {"query": "qqqqqqqqqq"},
    {"query": "\x00\x1f 'quote \"unclosed (AND NOT OR *"},
    {"query": "z" * 10_000},
    {"query": "back", "system": ("nowhere",)},
    {"query": "back", "limit": 0},
    {"query": "back", "limit": 201},
    {"query": "back", "page": 0},
)
WORDS = ("key", "at")
STATUS = {"not_found": 404, "edition_not_loaded": 404, "bad_request": 400, "too_large": 413}
EXIT = {"not_found": 1, "edition_not_loaded": 1, "bad_request": 2, "too_large": 2}


def still(answer):
    """Return an answer as JSON has it, without the time it took."""
    plain = json.loads(json.dumps(answer))
    if isinstance(plain, dict):
        plain.pop("took_ms", None)
    return plain


def python(catalog, name, values):
    """Return (answer, exit code, HTTP status)."""
    try:
        found = verb(name).run(catalog, **values)
    except PlaincodeError as error:
        return still(error.to_dict()), EXIT[error.error], STATUS[error.error]
    nothing = isinstance(found, SearchResult) and not found.total
    return still(found.to_dict()), int(nothing), 300 if isinstance(found, Choices) else 200


def words_of(name, values):
    words = [name, "--json"]
    for param, value in values.items():
        if param in {"query", *WORDS}:
            continue
        many = value if isinstance(value, tuple) else (value,)
        words += [f"--{param}={str(one).lower() if isinstance(one, bool) else one}" for one in many]
    place = next((values[p] for p in ("query", *WORDS) if values.get(p) is not None), None)
    return [*words, "--", place] if place is not None else words


def address_of(name, values):
    query = []
    for param, value in values.items():
        if param in WORDS or value is None:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            text = str(one).lower() if isinstance(one, bool) else str(one)
            query.append(f"{'q' if param == 'query' else param}={quote(text, safe='')}")
    path = verb(name).rest
    place = next((values[p] for p in WORDS if values.get(p) is not None), None)
    if place is not None:
        system, colon, code = place.partition(":")
        filled = [quote(part, safe="") for part in ((system, code) if colon else (place,))]
        if "{system}" in path:
            path = path.replace("{system}/{code}", "/".join(filled))
        else:
            path = "/".join((path, *filled))
    return f"/api/v1{path}" + (f"?{'&'.join(query)}" if query else "")


def questions():
    for name in ("show", "guide", "policies", "similar", "browse"):
        param = "at" if name == "browse" else "key"
        for key in KEYS:
            yield name, {param: key}
    for key in BARE:
        yield "show", {"key": key}
    for name in ("show", "guide", "browse"):
        param = "at" if name == "browse" else "key"
        for day in DAYS:
            yield name, {param: "icd10cm:M54.5", "on": day}
            yield name, {param: "icd10cm:M54.50", "on": day}
            yield name, {param: "cpt4:62282", "on": day}
    for day in DAYS:
        yield "browse", {"at": "icd10cm", "on": day}
        yield "show", {"key": "M54.51", "on": day}
    for place in PLACES:
        yield "browse", {} if place is None else {"at": place}
    yield "similar", {"key": "cpt4:62282", "limit": 3}
    yield "similar", {"key": "cpt4:62282", "limit": 0}
    for values in SEARCHES:
        yield "search", values
    yield "systems", {}
    for family in (None, "tests", "Epidural-Injection", "no such family", "é😀", "y" * 300):
        yield "families", {} if family is None else {"at": family}
    yield "search", {"query": "injection", "billable": "unknown", "family": "spine"}


QUESTIONS = list(questions())


def test_every_verb_is_asked():
    assert {name for name, _ in QUESTIONS} == {v.name for v in VERBS}


@pytest.mark.parametrize(
    ("name", "values"), QUESTIONS, ids=[f"{n} {' '.join(map(ascii, v.values()))[:60]}" for n, v in QUESTIONS]
)
def test_the_same_question_has_the_same_answer(name, values, catalog, cli, client):
    expected, exit_code, status = python(catalog, name, values)
    printed = cli(*words_of(name, values))
    assert still(printed.json) == expected
    assert printed.code == exit_code
    assert printed.err == ""
    replied = client.get(address_of(name, values))
    assert replied.status_code == status
    body = replied.json()
    if status >= 400:
        assert replied.headers["content-type"] == "application/problem+json"
        assert body["status"] == status
        assert body["detail"] == expected["what"]
        body = {name: body[name] for name in expected}
        assert {"error", "what", "where", "do"} <= body.keys()
    else:
        assert replied.headers["content-type"] == "application/json"
    assert still(body) == expected


def test_members_are_those_that_are_written_down(catalog):
    """answers.md names them; more may be added, none may go."""

    def members(name, **values):
        return verb(name).run(catalog, **values).to_dict()

    search = members("search", query="low back pain")
    assert {"query", "total", "took_ms", "did_you_mean", "hits", "facets"} <= search.keys()
    hit = {
        "system",
        "code",
        "display",
        "title",
        "title_status",
        "score",
        "why",
        "highlights",
        "billable",
        "active",
    }
    assert hit <= search["hits"][0].keys()
    assert {"system", "kind"} <= search["facets"].keys()
    assert {"value", "count"} == search["facets"]["system"][0].keys()
    shown = members("show", key="icd10cm:M54.5")
    ref = {"system", "code", "display", "title", "title_status"}
    release = {"system", "version", "kind", "effective", "source", "stale", "in_force"}
    assert {
        *("system", "code", "display", "title", "title_status", "kind", "billable", "active", "valid"),
        *("parents", "children", "notes", "terms", "facts", "replaced_by", "modifiers", "release"),
    } <= shown.keys()
    assert release <= shown["release"].keys()
    assert ref <= shown["parents"][0].keys()
    assert ref <= shown["children"][0].keys()
    assert {"from", "to"} == shown["valid"].keys()
    assert {"kind", "text", "codes"} <= shown["notes"][0].keys()
    guide = members("guide", key="cpt4:62282")
    assert {
        *("system", "code", "kind", "status", "badge", "title", "sections", "not_known", "grade"),
        *("sources", "release"),
    } <= guide.keys()
    assert {"key", "heading", "text", "items", "sources"} <= guide["sections"][0].keys()
    assert {"adjusted", "raw"} <= guide["grade"].keys()
    assert [s["key"] for s in guide["sections"]][:3] == ["name_of_the_procedure", "summary", "purpose"]
    policies = members("policies", key="cpt4:62323")
    assert {
        *("payer", "line_of_business", "number", "title", "kind", "url", "status", "jurisdiction"),
        *("document_date", "version", "retrieved", "links"),
    } <= policies["policies"][0].keys()
    assert {
        *("codes", "role", "condition", "section", "quote", "units", "place_of_service"),
        *("effective_from", "effective_to"),
    } <= policies["policies"][0]["links"][0].keys()
    similar = members("similar", key="cpt4:62282")
    assert {*hit, "reasons", "difference"} <= similar["hits"][0].keys()
    browse = members("browse", at="icd10cm")
    assert {"at", "path", "children"} == browse.keys()
    assert {*ref, "count"} <= browse["children"][0].keys()
    systems = members("systems")
    assert {"id", "name", "url", "publisher", "licence", "count", "billable", "release"} <= systems[
        "systems"
    ][0].keys()


def test_a_thousand_keys_at_once_and_no_more(catalog, client):
    keys = ["icd10cm:M54.5", "CPT4 62282", "470", "icd10cm:M54.52", "\x00", "y" * 300]
    found, missing = catalog.lookup(keys)
    replied = client.post("/api/v1/codes", json={"keys": keys})
    assert replied.status_code == 200
    expected = {"found": [f.to_dict() for f in found], "not_found": list(missing), "why": missing}
    assert replied.json() == still(expected)
    assert list(missing) == ["470", "icd10cm:M54.52", "\x00", "y" * 300]
    assert [c["system"] for c in missing["470"]["choices"]][:2] == ["drg", "icd9cm"]
    assert missing["icd10cm:M54.52"]["error"] == "not_found"
    assert client.post("/api/v1/codes", json={"keys": ["62282"] * 1000}).status_code == 200
    refused = client.post("/api/v1/codes", json={"keys": ["62282"] * 1001})
    assert refused.status_code == 413
    assert refused.json()["error"] == "too_large"
    for body in (b"", b"[]", b'{"keys": 1}', b'{"keys": [1]}', b"\xff"):
        replied = client.post("/api/v1/codes", content=body)
        assert (replied.status_code, replied.json()["error"]) == (400, "bad_request")


def test_a_named_system_is_never_overruled(catalog):
    with pytest.raises(NotFound) as raised:
        catalog.show("icd10cm 470")
    assert "drg:470" in raised.value.more["elsewhere"]
    assert next(c.system for c in catalog.show("470").choices) == "drg"


def test_one_system_and_the_children_of_a_code_are_the_same_too(catalog, client):
    for name in ("icd10cm", "ICD10CM", "cpt4"):
        expected = still(catalog.system(name).to_dict())
        assert client.get(f"/api/v1/systems/{name}").json() == expected
    assert client.get("/api/v1/systems/rxnorm").json()["error"] == "not_found"
    expected = still(catalog.children("icd10cm:M54.5").to_dict())
    assert client.get("/api/v1/codes/icd10cm/M54.5/children").json() == expected
    then = still(catalog.on("2021-09-30").children("icd10cm:M54.5").to_dict())
    assert client.get("/api/v1/codes/icd10cm/M54.5/children?on=2021-09-30").json() == then
    assert then["children"] == []


def test_a_parameter_that_an_address_does_not_take_is_named(client):
    replied = client.get("/api/v1/search?q=back&sytem=cpt4")
    assert (replied.status_code, replied.json()["error"]) == (400, "bad_request")
    assert "'sytem'" in replied.json()["what"]
    assert client.get("/api/v1/search").json()["error"] == "bad_request"
    assert client.get("/api/v1/nothing").json()["error"] == "not_found"
    assert client.get("/openapi.json").json()["openapi"] == "3.1.0"
