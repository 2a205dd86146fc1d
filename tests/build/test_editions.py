"""Facts belong to (system, code, from, to): two hand-written editions of ICD-10-CM, asked at every door.

FY2021 has M54.5 as a billable code; FY2022 makes it a header with M54.50, M54.51 and M54.59 below.
"""

from datetime import date

import pytest

from handmade import FIXTURES, LAYOUTS, make_home, starter_like
from plaincode.build import Gathered, user_inputs
from plaincode.catalog import open_catalog
from plaincode.errors import BadRequest, EditionNotLoaded, NotFound

LAST_OF_2021, FIRST_OF_2022 = "2021-09-30", "2021-10-01"


def at_every_door(catalog, cli, client, code, day):
    """Return what Python, the command line and REST say of a code on a day: (billable, kind) or the error."""
    try:
        shown = catalog.on(day).show(f"icd10cm:{code}")
        python = (shown.billable, shown.kind)
    except NotFound as error:
        python = error.error
    printed = cli("show", f"icd10cm:{code}", "--on", day, "--json").json
    replied = client.get(f"/api/v1/codes/icd10cm/{code}?on={day}").json()
    for door in (printed, replied):
        assert (door["error"] if "error" in door else (door["billable"], door["kind"])) == python
    return python


@pytest.mark.parametrize(
    ("code", "day", "said"),
    [
        ("M54.5", "2020-10-01", (True, "diagnosis")),
        ("M54.5", LAST_OF_2021, (True, "diagnosis")),
        ("M54.5", FIRST_OF_2022, (False, "category")),
        ("M54.5", "2022-09-30", (False, "category")),
        ("M54.50", LAST_OF_2021, "not_found"),
        ("M54.50", FIRST_OF_2022, (True, "diagnosis")),
        ("M54.5", "2020-09-30", "edition_not_loaded"),
        ("M54.5", "2022-10-01", "edition_not_loaded"),
        ("M54.50", "2022-10-01", "edition_not_loaded"),
        ("Q99.9", "2022-10-01", "edition_not_loaded"),
    ],
)
def test_a_code_is_what_the_edition_of_the_day_says(code, day, said, catalog, cli, client):
    assert at_every_door(catalog, cli, client, code, day) == said


def test_the_page_answers_for_the_day_too(client):
    then = client.get(f"/codes/icd10cm/M54.5?on={LAST_OF_2021}").text
    now = client.get("/codes/icd10cm/M54.5").text
    assert "M54.50" not in then.partition('id="similar"')[0]
    assert "M54.50" in now.partition('id="similar"')[0]
    assert "FY2021" in then
    assert client.get("/codes/icd10cm/M54.5?on=2019-01-01").status_code == 404


def test_similar_codes_are_of_the_day(catalog):
    assert "M54.50" in [h.code for h in catalog.similar("icd10cm:M54.5").hits]
    then = catalog.on(LAST_OF_2021)
    assert [h.code for h in then.similar("icd10cm:M54.5").hits if h.code.startswith("M54.5")] == []


def test_the_page_of_a_day_names_no_code_that_came_later(client):
    assert "M54.50" not in client.get(f"/codes/icd10cm/M54.5?on={LAST_OF_2021}").text


def test_search_answers_for_no_day_and_says_so(catalog):
    with pytest.raises(BadRequest, match="not for a day"):
        catalog.on(LAST_OF_2021).search("low back pain")


def test_without_a_date_the_newest_edition_answers(catalog):
    shown = catalog.show("icd10cm:M54.5")
    assert (shown.billable, shown.release.version) == (False, "FY2022")
    assert [c.code for c in shown.children] == ["M54.50", "M54.51", "M54.59"]


def test_the_release_of_the_day_answers_for_it(catalog):
    then = catalog.show("icd10cm:M54.5", on=LAST_OF_2021)
    assert (then.release.version, then.release.effective) == ("FY2021", "2020-10-01")
    assert then.children == ()
    assert then.release.stale is True
    assert then.release.in_force == "FY2027"


def test_validity_is_null_at_the_edges_and_a_day_where_it_is_known(catalog):
    assert catalog.show("icd10cm:M54.5").valid == {"from": None, "to": None}
    assert catalog.show("icd10cm:M54.50").valid == {"from": FIRST_OF_2022, "to": None}
    assert catalog.show("cpt4:62282").valid == {"from": None, "to": None}
    assert catalog.show("cpt4:62310").valid == {"from": None, "to": "2016-12-31"}
    assert catalog.show("icd9cm:462").valid == {"from": None, "to": "2015-09-30"}


def test_a_code_that_is_not_of_the_day_names_only_codes_that_are(catalog):
    with pytest.raises(NotFound) as raised:
        catalog.show("icd10cm:M54.50", on=LAST_OF_2021)
    assert raised.value.what == "M54.50 is not in ICD-10-CM FY2021."
    assert raised.value.more["ancestor"] == "icd10cm:M54.5"
    assert set(raised.value.more["nearest"]) == {
        "icd10cm:M54",
        "icd10cm:M54.5",
        "icd10cm:M35",
        "icd10cm:M35.0",
        "icd10cm:M35.00",
    }


def test_outside_every_edition_is_neither_valid_nor_invalid(catalog):
    with pytest.raises(EditionNotLoaded) as raised:
        catalog.show("icd10cm:M54.5", on="2019-12-31")
    said = raised.value.to_dict()
    assert said["error"] == "edition_not_loaded"
    assert said["what"] == "No loaded edition of ICD-10-CM answers for 2019-12-31."
    assert said["where"] == "on=2019-12-31"
    assert "2020-10-01 to 2021-09-30" in said["do"]
    with pytest.raises(EditionNotLoaded, match="numbers of CPT, not an edition"):
        catalog.show("cpt4:62282", on="2026-11-23")


def test_a_view_is_of_one_day_and_leaves_the_catalog_as_it_was(catalog):
    view = catalog.on(date(2021, 9, 30))
    assert view["icd10cm:M54.5"].billable is True
    assert view.get("icd10cm:M54.50") is None
    assert "icd10cm:M54.50" not in view
    assert catalog["icd10cm:M54.5"].billable is False
    assert "icd10cm:M54.50" in catalog
    with pytest.raises(EditionNotLoaded):
        catalog.on("2019-01-01")["icd10cm:M54.5"]
    for odd in ("yesterday", "2021-13-01", "", "20211", "9" * 5000):
        with pytest.raises(BadRequest, match="is not a date"):
            catalog.on(odd)


def test_lists_and_hierarchies_are_of_the_day(catalog):
    then, now = catalog.on(LAST_OF_2021), catalog.on(FIRST_OF_2022)
    assert [c.code for c in then.browse("icd10cm:M54").children] == ["M54.5"]
    assert [c.billable for c in then.browse("icd10cm:M54").children] == [True]
    assert [c.code for c in now.browse("icd10cm:M54.5").children] == ["M54.50", "M54.51", "M54.59"]
    # the order file of FY2021 stands alone: without the tabular file there are no chapters
    assert [c.code for c in then.browse("icd10cm").children] == ["M35", "M54", "S06", "W08"]
    assert [c.code for c in now.browse("icd10cm").children] == ["chapter-13", "chapter-19", "chapter-20"]
    assert [p.code for p in now.show("icd10cm:M54.50").path] == [
        "chapter-13",
        "block-M40-M54",
        "block-M50-M54",
        "M54",
        "M54.5",
    ]
    assert [p.code for p in then.show("icd10cm:M54.5").path] == ["M54"]
    found, missing = then.lookup(["icd10cm:M54.5", "icd10cm:M54.50"])
    assert ([s.code for s in found], list(missing)) == (["M54.5"], ["icd10cm:M54.50"])


def test_history_has_every_interval_oldest_first(catalog):
    rows = catalog.history("icd10cm:M54.5")
    assert [(r.first, r.last) for r in rows] == [("2020-10-01", LAST_OF_2021), (FIRST_OF_2022, None)]
    assert "It is billable." in rows[0].what
    assert "Now a header, not billable." in rows[1].what
    assert [r.first for r in catalog.history("icd10cm:M54.51")] == [FIRST_OF_2022]
    assert catalog.history("icd10cm:M54.52") == []
    assert catalog.history("no key") == []


def test_a_list_of_numbers_is_no_edition(catalog, client):
    for key in ("cpt4:99213", "hcpcs:J0585"):
        release = catalog.show(key).release
        assert (release.kind, release.version, release.effective, release.stale) == (
            "number-list",
            None,
            None,
            None,
        )
        assert "We hold the number, not an edition" in catalog.show(key).message
        system, _, code = key.partition(":")
        assert "We hold the number, not an edition" in client.get(f"/codes/{system}/{code}").text


def test_every_door_says_that_a_newer_edition_is_in_force(catalog, cli, client):
    line = "FY2022; FY2027 has been in force since 1 October 2026 and is not loaded."
    shown = catalog.show("icd10cm:M54.5")
    assert (shown.release.stale, shown.release.in_force, shown.message) == (True, "FY2027", line)
    assert line in cli("show", "icd10cm:M54.5").out
    assert cli("show", "icd10cm:M54.5", "--json").json["release"]["stale"] is True
    assert client.get("/api/v1/codes/icd10cm/M54.5").json()["release"]["stale"] is True
    assert line in client.get("/codes/icd10cm/M54.5").text
    assert [s.release.stale for s in catalog.systems().systems] == [
        True,
        None,
        True,
        None,
        True,
        False,
        False,
    ]


def test_an_unknown_code_of_a_past_edition_may_be_new_and_is_never_called_invalid(catalog, cli, client):
    what = "M54.52 is not in FY2022; it may be new in FY2027, which is not loaded."
    with pytest.raises(NotFound) as raised:
        catalog.show("icd10cm:M54.52")
    assert raised.value.what == what
    assert raised.value.more["ancestor"] == "icd10cm:M54.5"
    assert raised.value.more["nearest"][:3] == ["icd10cm:M54.5", "icd10cm:M54.50", "icd10cm:M54.51"]
    printed = cli("show", "icd10cm:M54.52")
    assert what in printed.err
    assert "M54.50" in printed.err
    page = client.get("/codes/icd10cm/M54.52")
    assert page.status_code == 404
    assert what in page.text
    assert "/codes/icd10cm/M54.50" in page.text
    for text in (printed.err, raised.value.to_dict()["what"]):
        assert "invalid" not in text.lower()


def test_on_the_day_an_edition_ends_it_is_not_stale_yet(small, monkeypatch):
    for today, stale in (("2022-09-30", False), ("2022-10-01", True)):
        monkeypatch.setenv("PLAINCODE_TODAY", today)
        opened = open_catalog(small.path)
        assert opened.show("icd10cm:M54.5").release.stale is stale
        opened.close()


def test_one_edition_alone_answers_only_for_its_own_days(tmp_path, thin):
    gathered = user_inputs([LAYOUTS / "icd10cm_order_2021.txt"])
    home = make_home(tmp_path, gathered, thin)
    opened = open_catalog(settings=home.settings)
    assert opened.show("icd10cm:M54.5").valid == {"from": None, "to": None}
    assert opened.show("icd10cm:M54.5").release.version == "FY2021"
    with pytest.raises(EditionNotLoaded):
        opened.show("icd10cm:M54.5", on=FIRST_OF_2022)
    opened.close()


def test_an_edition_added_beside_a_list_of_numbers_keeps_what_the_lists_know(tmp_path, thin):
    """A user's own licensed file is an edition; the numbers it lacks stay, with the lists that know them."""
    gathered = user_inputs([FIXTURES / "licensed"])
    gathered.inputs.extend(starter_like(FIXTURES / "numbers"))
    opened = open_catalog(settings=make_home(tmp_path, gathered, thin).settings)
    both = opened.show("cpt4:99213")
    assert (both.release.version, both.active, both.billable) == ("2026", True, True)
    assert both.sources == ("betpuf14", "betpuf20", "ra2026")
    assert both.facts["betos"] == "M1B"
    only_listed = opened.show("cpt4:62282")
    assert (only_listed.release.kind, only_listed.release.version, only_listed.active) == (
        "number-list",
        None,
        None,
    )
    opened.close()


def test_more_editions_need_no_change_of_schema(tmp_path, thin):
    """A third edition of the same system, with a code that ended, is only one more file."""
    third = tmp_path / "icd10cm_order_2023.txt"
    lines = (LAYOUTS / "icd10cm_order_2022.txt").read_text().splitlines(keepends=True)
    third.write_text("".join(line for line in lines if "M5451" not in line))
    files = [LAYOUTS / f"icd10cm_order_{year}.txt" for year in (2021, 2022)]
    home = make_home(tmp_path / "home", user_inputs([*files, third]), thin)
    opened = open_catalog(settings=home.settings)
    ended = opened.show("icd10cm:M54.51")
    assert ended.valid == {"from": FIRST_OF_2022, "to": "2022-09-30"}
    assert ended.active is False
    assert ended.release.version == "FY2022"
    assert opened.show("icd10cm:M54.51", on="2022-01-01").active is True
    with pytest.raises(NotFound) as raised:
        opened.show("icd10cm:M54.51", on="2022-10-01")
    assert raised.value.error == "not_found"
    assert opened.guide("icd10cm:M54.51").status == "ended"
    assert [r.version for r in opened.system("icd10cm").releases] == ["FY2021", "FY2022", "FY2023"]
    opened.close()


def test_nothing_gathered_is_bad_use(tmp_path):
    with pytest.raises(BadRequest, match="Nothing was given"):
        make_home(tmp_path, Gathered())
