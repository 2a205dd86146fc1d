"""HTTP: tags, compression, headers, methods, sizes; and a log that holds no query and no address."""

import io
import json
import re

import pytest

from plaincode.web.front import accepts_gzip, matches
from plaincode.web.log import AccessLog
from plaincode.web.openapi import description

KEPT = ("/", "/codes/cpt4/62282", "/search?q=back", "/api/v1/codes/cpt4/62282", "/470", "/openapi.json")


@pytest.mark.parametrize("address", KEPT)
def test_an_answer_has_a_tag_that_saves_sending_it_again(address, site):
    first = site.ask(address)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    again = site.ask(address, headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert site.ask(address, headers={"if-none-match": 'W/"other"'}).status_code == first.status_code
    assert site.ask(address + ("&" if "?" in address else "?") + "on=").headers.get("etag") != tag


def test_tags_differ_by_address():
    assert matches(b'"a", W/"b"', b'W/"b"')
    assert matches(b'"b"', b'W/"b"')
    assert matches(b"*", b'W/"b"')
    assert not matches(b"", b'W/"b"')
    assert not matches(b'W/"bb"', b'W/"b"')


def test_errors_are_never_kept(site):
    for address in ("/api/v1/codes/icd10cm/M54.52", "/codes/icd10cm/M54.52", "/api/v1/search"):
        replied = site.ask(address)
        assert replied.status_code in {400, 404}
        assert "etag" not in replied.headers
        assert replied.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/codes/cpt4/62282", "/api/v1/codes/cpt4/62282/guide", "/openapi.json"])
def test_answers_are_compressed_for_who_can_read_them(address, site):
    plain = site.ask(address, headers={"accept-encoding": "identity"})
    packed = site.ask(address, headers={"accept-encoding": "br;q=1, gzip;q=0.8"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.content == plain.content  # the client unpacks
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"


def test_gzip_is_refused_where_it_is_refused():
    assert accepts_gzip(b"gzip")
    assert accepts_gzip(b"*;q=0.1")
    assert not accepts_gzip(b"gzip; q=0")
    assert not accepts_gzip(b"br")


@pytest.mark.parametrize("address", [*KEPT, "/static", "/nope", "/api/v1/ready"])
def test_head_says_what_get_says_without_the_body(address, site):
    got, head = site.ask(address), site.ask(address, "HEAD")
    assert head.status_code == got.status_code
    assert head.content == b""
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize("address", ["/", "/api/v1/systems", "/nope", "/api/v1/nope"])
def test_every_answer_has_the_security_headers(address, site):
    headers = site.ask(address).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_other_sites_may_read_the_api_and_not_the_pages(site):
    assert site.ask("/api/v1/systems").headers["access-control-allow-origin"] == "*"
    assert site.ask("/openapi.json").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in site.ask("/").headers
    asked = site.ask("/api/v1/systems", "OPTIONS")
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD"


def test_a_method_that_an_address_does_not_take(site):
    replied = site.ask("/api/v1/systems", "DELETE")
    assert (replied.status_code, replied.headers["allow"]) == (405, "GET, HEAD")
    assert replied.json()["error"] == "bad_request"
    assert site.ask("/api/v1/codes", "GET").headers["allow"] == "POST"
    assert site.ask("/", "PUT").status_code == 405


def test_what_is_too_long_is_refused(site):
    body = json.dumps({"keys": ["x" * 1_100_000]})
    assert site.ask("/api/v1/codes", "POST", content=body).status_code == 413
    assert site.ask("/search?q=" + "x" * 20_000).status_code == 413
    assert site.ask("/search?q=" + "x" * 10_000).status_code == 200


def test_bad_parameters_are_refused_in_one_sentence(site):
    for address in (
        "/api/v1/search?q=a&limit=many",
        "/api/v1/search?q=a&billable=perhaps",
        "/search?q=a&page=0",
    ):
        assert site.ask(address).status_code == 400
    problem = site.ask("/api/v1/search?q=a&limit=many").json()
    assert {"error", "what", "where", "do", "type", "title", "status", "detail"} <= problem.keys()
    assert (problem["error"], problem["where"], problem["status"]) == ("bad_request", "limit", 400)


def test_static_files_may_be_kept_for_good(site):
    html = site.ask("/").text
    for address in re.findall(r'"(/static/[^"]+)"', html):
        replied = site.ask(address)
        assert replied.status_code == 200
        assert "immutable" in replied.headers["cache-control"]
        assert len(replied.content) < 30_000
    assert site.ask("/static/0/site.css").status_code == 404
    assert site.ask("/robots.txt").status_code == 200


def test_health_and_readiness(site, catalog):
    assert site.ask("/api/v1/health").json()["status"] == "ok"
    ready = site.ask("/api/v1/ready").json()
    assert (ready["status"], ready["snapshot"]) == ("ready", catalog.id)


def test_without_a_catalog_it_lives_and_says_what_to_do(door, tmp_path):
    empty = door(home=tmp_path)
    assert empty.ask("/api/v1/health").status_code == 200
    assert empty.ask("/api/v1/ready").status_code == 503
    replied = empty.ask("/api/v1/codes/cpt4/62282")
    assert (replied.status_code, replied.json()["error"]) == (503, "no_catalog")
    page = empty.ask("/")
    assert page.status_code == 503
    assert "plaincode build" in page.text


def test_the_log_holds_no_query_and_no_address(door, caplog):
    written = io.StringIO()
    access = AccessLog(written)
    opened = door(access=access)
    for address in (
        "/search?q=syphilis",
        "/suggest?q=syphilis",
        "/api/v1/search?q=syphilis&system=nowhere",
        "/codes/icd10cm/A53.9",
        "/syphilis",
        "/api/v1/codes/syphilis",
        "/browse/syphilis/syphilis",
        "/api/syphilis",
        "/static/syphilis",
    ):
        opened.ask(address, headers={"user-agent": "secretagent", "referer": "http://syphilis.example/"})
    access.flush()
    lines = written.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[0].endswith("ms")
    assert " GET /search 200 " in lines[0]
    everything = written.getvalue() + caplog.text
    for secret in ("syphilis", "203.0.113.7", "secretagent", "A53"):
        assert secret not in everything


def test_a_failure_is_logged_by_place_and_answered_without_a_traceback(door, caplog):
    opened = door()
    opened.ask("/")
    held = opened.app.holder._held
    held.catalog._keys = None  # a damaged process: every look-up fails
    replied = opened.ask("/api/v1/codes/icd10cm/A53.9")
    assert (replied.status_code, replied.json()["error"]) == (500, "failed")
    assert "Traceback" not in replied.text
    assert "AttributeError" not in replied.text
    assert "failed: AttributeError at " in caplog.text
    assert "A53" not in caplog.text


def test_the_description_names_every_address_and_resolves(site):
    said = site.ask("/openapi.json").json()
    assert said == json.loads(json.dumps(description()))
    assert said["openapi"].startswith("3.1")
    for path in (
        "/search",
        "/codes",
        "/codes/{code}",
        "/codes/{system}/{code}",
        "/codes/{system}/{code}/children",
        "/codes/{system}/{code}/guide",
        "/codes/{system}/{code}/policies",
        "/codes/{system}/{code}/similar",
        "/systems",
        "/systems/{system}",
        "/browse",
        "/browse/{system}",
        "/browse/{system}/{code}",
        "/health",
        "/ready",
    ):
        assert f"/api/v1{path}" in said["paths"]
    operations = [o for path in said["paths"].values() for o in path.values()]
    ids = [o["operationId"] for o in operations]
    assert len(ids) == len(set(ids))
    for path, methods in said["paths"].items():
        for operation in methods.values():
            declared = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path))
    known = set(said["components"]["schemas"])
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(said)))
    assert used <= known
