"""The American Medical Association's words are in no snapshot that is built without one's own licensed file.

A made-up word is planted in the descriptor columns of the files that hold such words, then looked for in the
snapshot's files, in every answer at every door and in the log. In one's own licensed files (their layout,
made-up words) it appears, with the notice that the licence asks for.
"""

import logging
import shutil

import pytest

from handmade import FIXTURES, LAYOUTS, TODAY, Site, make_home, starter_like
from plaincode import snapshot
from plaincode.build import user_inputs
from plaincode.catalog import open_catalog
from plaincode.cli import main
from plaincode.settings import Settings

PLANTED = "zorblax"  # in tests/fixtures/planted and in the group label of numbers/betpuf20.txt
DENTAL = "made-up dental"  # in the HCPCS fixture, at a D code: the American Dental Association's
LICENSED = "quibblefax"
NOTICE = "CPT is a registered trademark of the American Medical Association."
CODES = ("cpt4:62282", "cpt4:99213", "cpt4:00100", "hcpcs:D0001", "hcpcs:J0585")
PATHS = (
    "/",
    "/data",
    "/systems",
    "/systems/cpt4",
    "/systems/hcpcs",
    "/browse/cpt4",
    "/browse/cpt4/range-622",
    "/browse/hcpcs",
    *(f"/codes/{key.replace(':', '/')}" for key in CODES),
    *(f"/codes/{key.replace(':', '/')}/csv" for key in CODES),
    "/api/v1/systems",
    *(f"/api/v1/codes/{key.replace(':', '/')}" for key in CODES),
    *(f"/api/v1/codes/{key.replace(':', '/')}/guide" for key in CODES),
    *(f"/api/v1/codes/{key.replace(':', '/')}/similar" for key in CODES),
    *(f"/api/v1/codes/{key.replace(':', '/')}/policies" for key in CODES),
)


def doors(home, words, monkeypatch, capsys, caplog):
    """Return what every door says, by the door's name; questions hold the word only where said so."""
    said = {}
    opened = open_catalog(settings=home.settings)
    for key in CODES:
        if key in opened:
            for verb in (opened.show, opened.guide, opened.similar, opened.policies):
                said[f"python {verb.__name__} {key}"] = repr(verb(key).to_dict())
            said[f"history {key}"] = repr(opened.history(key))
    said["data"] = repr(opened.data())
    for word in words:
        # its own word is in the answer's `query`, so only what was found is kept
        said[f"search {word}"] = repr(opened.search(word).hits)
        said[f"prefix {word}"] = repr(opened.search(word[:-1]).hits) + str(
            opened.search(word[:-1]).did_you_mean
        )
    opened.close()
    caplog.set_level(logging.DEBUG)
    site = Site(home.settings)
    for path in PATHS:
        said[path] = site.get(path).text
    for word in words:
        # as typed, the word is in the question and so in its answer; as a typo it is only in what is found
        said[f"/suggest {word}"] = site.get(f"/suggest?q={word[:-1]}").text
        said[f"/search {word}"] = site.get(f"/search?q={word[:-1]}").text
    site.close()
    monkeypatch.setenv("PLAINCODE_HOME", str(home.path))
    capsys.readouterr()
    for words_ in (["status"], ["doctor"], ["systems"], *(["show", key] for key in CODES)):
        main(words_)
        printed = capsys.readouterr()
        said[f"command {' '.join(words_)}"] = printed.out + printed.err
    said["log"] = caplog.text
    return said


def written(home) -> dict[str, bytes]:
    """Return every file under a home."""
    return {
        str(p.relative_to(home.path)): p.read_bytes().lower() for p in home.path.rglob("*") if p.is_file()
    }


def test_no_planted_word_gets_in(tmp_path, monkeypatch, capsys, caplog):
    for name in ("PPRRVU26_JAN.csv", "betpuf20.txt", "LONGULT.txt", "CONCEPT.csv"):
        assert PLANTED in (FIXTURES / "planted" / name).read_text().lower()
    assert PLANTED in (FIXTURES / "numbers" / "betpuf20.txt").read_text()
    dental = LAYOUTS / "hcpcs" / "HCPC2031_JAN_ANWEB.txt"
    assert DENTAL.encode() in dental.read_bytes().lower()
    gathered = user_inputs([FIXTURES / "planted", dental])
    assert sorted(gathered.unrecognised) == ["CONCEPT.csv", "LONGULT.txt", "PPRRVU26_JAN.csv", "betpuf20.txt"]
    gathered.inputs.extend(starter_like(FIXTURES / "numbers"))
    home = make_home(tmp_path, gathered)
    assert snapshot.read(home.outcome.folder).private is False
    opened = open_catalog(settings=home.settings)
    assert opened["cpt4:62282"].sources == ("betpuf14", "betpuf20", "ra2026")  # the planted rows were read
    assert opened["hcpcs:D0001"].display is None
    assert opened["hcpcs:Z0001"].display == "Made-up supply, each"
    opened.close()
    for word in (PLANTED, DENTAL):
        for name, body in written(home).items():
            assert word.encode() not in body, name
        for door, text in doors(home, [word], monkeypatch, capsys, caplog).items():
            assert word not in text.lower(), door


def test_ones_own_licensed_words_appear_with_the_notice_and_stay_private(
    tmp_path, monkeypatch, capsys, caplog
):
    gathered = user_inputs([FIXTURES / "licensed"])
    gathered.inputs.extend(starter_like(FIXTURES / "numbers"))
    home = make_home(tmp_path, gathered)
    assert snapshot.read(home.outcome.folder).private is True
    said = doors(home, [LICENSED], monkeypatch, capsys, caplog)
    for door in (
        "python show cpt4:99213",
        f"search {LICENSED}",
        "/codes/cpt4/99213",
        "/api/v1/codes/cpt4/99213",
        "command show cpt4:99213",
    ):
        assert LICENSED in said[door].lower(), door
    for door in ("/codes/cpt4/99213", "/api/v1/codes/cpt4/99213", "command show cpt4:99213"):
        assert NOTICE in " ".join(said[door].split()), door
    assert LICENSED not in said["/codes/cpt4/62282"].split("Similar Codes")[0].lower()
    assert LICENSED not in said["log"].lower()
    assert PLANTED not in repr(said).lower()


def test_pages_and_answers_with_a_cpt_number_carry_the_notice(client, cli):
    for path in ("/codes/cpt4/62282", "/browse/cpt4", "/systems/cpt4", "/search?q=62282"):
        assert NOTICE in client.get(path).text, path
    assert NOTICE in client.get("/api/v1/codes/cpt4/62282").json()["notice"]
    assert NOTICE in cli("show", "cpt4:62282").out


def off(path) -> Settings:
    return Settings(home=path, today=TODAY, cpt=False)


NUMBERS = ("62282", "99213", "62311", "00100")


def taken_away(settings, monkeypatch, capsys):
    """Assert that no door knows CPT."""
    monkeypatch.setenv("PLAINCODE_HOME", str(settings.home))
    monkeypatch.setenv("PLAINCODE_CPT", "off")
    opened = open_catalog(settings=settings)
    assert "cpt4" not in [s.id for s in opened.systems().systems]
    assert "cpt4" not in [c.system for c in opened.browse().children]
    for key in NUMBERS:
        assert opened.get(f"cpt4:{key}") is None
        found, missing = opened.lookup([f"cpt4:{key}", key])
        assert (found, list(missing)) == ([], [f"cpt4:{key}", key])
    for query in (
        *NUMBERS,
        "epidural",
        "nerve-destroying injection",
        "62280-62282",
        "622*",
        "99213-25",
        "RT",
        "25",
    ):
        found = opened.search(query)
        assert [h.code for h in found.hits if h.system == "cpt4"] == []
        assert "cpt4" not in [f.value for f in found.facets["system"]]
        assert all(m.system != "cpt4" for h in found.hits for m in h.modifiers)
    assert {h.system for h in opened.similar("hcpcs:J0585").hits} <= {"hcpcs"}
    opened.close()
    site = Site(settings)
    for number in NUMBERS:
        for path in (f"/codes/cpt4/{number}", f"/{number}", f"/api/v1/codes/cpt4/{number}"):
            assert site.get(path).status_code == 404, path
    for path in ("/systems/cpt4", "/browse/cpt4", "/api/v1/systems/cpt4", "/api/v1/browse/cpt4"):
        assert site.get(path).status_code == 404, path
    for path in ("/systems", "/browse", "/api/v1/systems", "/search?q=epidural", "/api/v1/search?q=epidural"):
        assert "/codes/cpt4" not in site.get(path).text
        assert '"cpt4"' not in site.get(path).text
    assert site.get("/api/v1/search?q=a&system=cpt4").status_code == 400
    site.close()
    for number in NUMBERS:
        assert main(["show", f"cpt4:{number}", "--json"]) == 1
    assert main(["search", "--system", "cpt4", "epidural", "--json"]) == 2
    capsys.readouterr()


def test_cpt_off_takes_the_system_away_from_a_snapshot_that_has_it(small, monkeypatch, capsys):
    taken_away(off(small.path), monkeypatch, capsys)


def test_a_build_with_cpt_off_holds_no_number_at_all(tmp_path, monkeypatch, capsys):
    gathered = user_inputs([FIXTURES / "licensed"])
    gathered.inputs.extend(starter_like(FIXTURES / "numbers"))
    home = make_home(tmp_path, gathered, cpt=False)
    manifest = snapshot.read(home.outcome.folder)
    assert "cpt4" not in manifest.counts
    assert manifest.private is False
    for name, body in written(home).items():
        assert LICENSED.encode() not in body, name
    taken_away(off(tmp_path), monkeypatch, capsys)
    opened = open_catalog(settings=home.settings)
    assert "cpt4" not in [s.id for s in opened.systems().systems]
    opened.close()
    shutil.rmtree(tmp_path / "snapshots")


@pytest.mark.parametrize("word", [PLANTED, LICENSED])
def test_the_words_that_are_planted_are_in_nothing_that_is_shipped(word):
    root = FIXTURES.parents[1]
    for folder in ("src", "content", "docs"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.suffix in {".py", ".csv", ".md", ".yaml", ".html", ".js", ".css"}:
                assert word not in path.read_text("utf-8").lower(), path
