"""Pages: order and headings word for word, what is not loaded said plainly, links that lead somewhere."""

import re
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from web.reading import Page

PAGES = (
    "/",
    "/search?q=back",
    "/search?q=epidural&system=cpt4&active=true",
    "/search?q=M54.5",
    "/search?q=qqqqqqqq",
    "/search?q=0360",
    "/search",
    "/codes/cpt4/62280",
    "/codes/cpt4/62282",
    "/codes/cpt4/62310",
    "/codes/cpt4/62323%20RT",
    "/codes/icd10cm/M54.5",
    "/codes/icd10cm/M54.50",
    "/codes/icd10cm/M54.5?on=2021-09-30",
    "/codes/icd10cm/chapter-13",
    "/codes/icd10pcs/0DTJ4ZZ",
    "/codes/drg/470",
    "/codes/hcpcs/J0585",
    "/470",
    "/browse",
    "/browse/icd10cm",
    "/browse/icd10cm/block-M50-M54",
    "/browse/cpt4",
    "/systems",
    "/systems/cpt4",
    "/systems/icd10pcs",
    "/data",
    "/about",
    "/tables/icd10pcs",
    "/tables/icd10pcs/0DT",
    "/tables/icd10pcs/0DTJ4ZZ",
    "/no-such-page",
    "/codes/icd10cm/M54.52",
    "/codes/nowhere/1",
)
HOSTILE = '"><script>alert(1)</script>'


def read(site, address, status=200):
    replied = site.ask(address)
    assert replied.status_code == status, (address, replied.status_code)
    return Page(replied.text)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_readable_without_styles_and_scripts(address, site):
    replied = site.ask(address)
    assert replied.status_code < 500
    assert replied.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(replied.text)
    assert len(page.titles(1)) == 1
    levels = [n for n, _ in page.headings]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels)), page.headings
    assert len(page.ids) == len(set(page.ids)), sorted(i for i in page.ids if page.ids.count(i) > 1)
    assert set(page.fields) <= set(page.labels)
    assert set(page.named) <= set(page.ids)
    assert [tag for tag, _ in page.landmarks].count("main") == 1
    navs = [name for tag, name in page.landmarks if tag == "nav"]
    assert None not in navs
    assert len(navs) == len(set(navs))
    # the policy of the site is 'self' only: nothing inline, nothing from elsewhere
    assert page.styled == []
    assert all(s["src"].startswith("/static/") for s in page.scripts)
    assert "plaincode informs and does not advise" in page.text
    assert "Search all medical codes" in page.text
    assert len(replied.content) < 100_000


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_a_page_leads_somewhere(address, site):
    page = Page(site.ask(address).text)
    for link in dict.fromkeys(page.links):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in {"http", "https"}
        elif link.startswith("#"):
            assert link[1:] in page.ids, link
        else:
            target = link if not link.startswith("?") else address.partition("?")[0] + link
            status = site.ask(target.partition("#")[0]).status_code
            assert status in {200, 300, 302, 308}, (link, status)


def test_the_page_of_62282_is_whole_and_in_order(site):
    page = read(site, "/codes/cpt4/62282")
    title = page.titles(1)[0]
    assert "62282" in page.text
    assert "CPT4 code" in page.text
    assert page.titles(2) == [
        "Guide in plain words",
        f"Medical Policies and Guidelines for {title}",
        "Similar Codes",
        "Crosswalks and groups",
        "Claim facts",
        "Official notes",
        "Other words that find this code",
        "History",
        "For people who build",
        "At a glance",
    ]
    sections = page.titles(3)
    assert [s for s in sections if s in GUIDE] == list(GUIDE)
    assert "Related policies from health plans" in sections
    anchors = {"identity", "guide", "policies", "similar", "crosswalks", "claim-facts", "notes", "history"}
    assert anchors | {"build", "guide-summary", "guide-recovery", "policy-1"} <= set(page.ids)
    assert "source-checked" in page.text
    assert "We hold the number, not an edition" in page.text
    assert "neck or upper back instead of lower back or tailbone area" in page.text.replace("Neck", "neck")
    assert "CPT is a registered trademark of the American Medical Association" in page.text
    assert "/systems/cpt4#loading" in page.links


GUIDE = (
    "Name of the Procedure",
    "Summary",
    "Purpose",
    "Indications",
    "Preparation",
    "Procedure Description",
    "Duration",
    "Setting",
    "Personnel",
    "Risks and Complications",
    "Benefits",
    "Recovery",
    "Alternatives",
    "Patient Experience",
)


def test_urgent_signs_stand_in_a_card_of_their_own(site):
    html = site.ask("/codes/cpt4/62282").text
    card = re.search(r'<div class="urgent">(.*?)</div>', html, re.DOTALL)
    assert card
    assert "Call 911" in card[1]
    assert html.count('<div class="urgent">') == 1


def test_a_code_without_guide_words_or_policies_says_so(site):
    page = read(site, "/codes/icd10cm/M54.50")
    assert "No policy that names this code is loaded." in page.text
    assert "No crosswalk or grouping" in page.text
    assert "No claim facts are loaded for this code." in read(site, "/codes/icd10cm/chapter-13").text
    assert page.titles(1) == ["Low back pain, unspecified"]
    assert "Billable" in page.text


def test_a_stale_edition_is_said_on_the_page(site):
    assert "has been in force since" in read(site, "/codes/icd10cm/M54.50").text


def test_an_ended_code_says_when_and_what_replaced_it(site):
    page = read(site, "/codes/cpt4/62310")
    assert "Ended on 2016-12-31" in page.text
    assert "/codes/cpt4/62320" in page.links


def test_a_day_shows_the_facts_of_that_day(site):
    before = read(site, "/codes/icd10cm/M54.5?on=2021-09-30")
    after = read(site, "/codes/icd10cm/M54.5?on=2021-10-01")
    assert "As of 2021-09-30." in before.text
    assert "Header: bill a code below it" not in before.text
    assert "Header: bill a code below it" in after.text
    assert "Codes below M54.5" in after.titles(2)
    assert site.ask("/codes/icd10cm/M54.5?on=1990-01-01").status_code == 404
    assert site.ask("/codes/icd10cm/M54.5?on=soon").status_code == 400


def test_policies_can_be_filtered_by_address(site):
    everything = read(site, "/codes/cpt4/62323")
    count = sum(i.startswith("policy-") and i.removeprefix("policy-").isdigit() for i in everything.ids)
    assert count >= 2
    narrowed = read(site, "/codes/cpt4/62323?since=9999-01-01")
    assert "No policy fits the filter." in narrowed.text
    assert f"Show all {count}" in narrowed.text


def test_other_spellings_lead_to_the_one_address(site):
    for spelling, status, place in (
        ("/62282", 302, "/codes/cpt4/62282"),
        ("/m5450", 302, "/codes/icd10cm/M54.50"),
        ("/codes/CPT4/62282", 308, "/codes/cpt4/62282"),
        ("/codes/icd10cm/m5450?on=2021-10-01", 308, "/codes/icd10cm/M54.50?on=2021-10-01"),
        ("/tables/icd10pcs/0dt", 308, "/tables/icd10pcs/0DT"),
    ):
        replied = site.ask(spelling)
        assert (replied.status_code, replied.headers["location"]) == (status, place)


def test_a_code_of_several_systems_is_a_choice(site):
    page = read(site, "/470", 300)
    assert {"/codes/drg/470", "/codes/icd9cm/470"} <= set(page.links)


def test_a_modifier_is_shown_beside_the_code(site):
    page = read(site, "/codes/cpt4/62323%20RT")
    assert "With modifier" in page.text
    assert "/codes/hcpcs/RT" in page.links


def test_search_marks_words_and_says_why(site):
    html = site.ask("/search?q=low+back+pain").text
    assert "<mark>" in html
    assert 'class="why"' in html
    page = Page(html)
    assert "/codes/icd10cm/M54.50" in page.links
    assert any("system=icd10cm" in link for link in page.links)


def test_search_pages_follow_each_other_and_are_the_whole_result(site, catalog):
    asked = "62280-64450"
    whole = [f"/codes/{h.system}/{h.code}" for h in catalog.search(asked, limit=200).hits]
    assert 20 < len(whole) < 200
    seen, address = [], "/search?q=62280-64450"
    while address:
        html = site.ask(address).text
        seen += re.findall(r'<li><a href="(/codes/[^"]+)">', html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = following[1].replace("&amp;", "&") if following else None
    assert seen == whole


def test_suggestions_are_the_first_hits_of_the_search(site):
    found = site.ask("/suggest?q=low+back").json()
    assert found["hits"][0]["address"].startswith("/codes/")
    assert {"code", "label", "name", "own", "ended", "address"} == found["hits"][0].keys()
    assert len(found["hits"]) <= 8 <= max(8, found["total"])
    assert site.ask("/suggest?q=").json()["hits"] == []


@pytest.mark.parametrize("address", ["/search?q=", "/", "/codes/icd10cm/", "/browse/", "/systems/"])
def test_what_a_visitor_types_is_shown_as_text(address, site):
    replied = site.ask(f"{address}{HOSTILE}" if "=" in address else address + HOSTILE.replace("/", "%2F"))
    assert "<script>alert" not in replied.text
    assert replied.status_code in {200, 400, 404}


def test_the_table_page_builds_a_code_value_by_value(site):
    prefix = ""
    for value in "0DTJ4ZZ":
        page = read(site, f"/tables/icd10pcs/{prefix}".rstrip("/"))
        prefix += value
        assert f"/tables/icd10pcs/{prefix}" in page.links
    assert "/codes/icd10pcs/0DTJ4ZZ" in read(site, "/tables/icd10pcs/0DTJ4ZZ").links


def test_the_data_page_names_every_file_with_its_digest(site, catalog):
    text = read(site, "/data").text
    for release in catalog.data()["releases"]:
        for file in release["files"]:
            assert file["sha256"] in text
    assert catalog.id in text


def test_not_found_offers_what_is_near(site):
    page = read(site, "/codes/icd10cm/M54.52", 404)
    assert any(link.startswith("/codes/icd10cm/M54.5") for link in page.links)
    assert "invalid" not in page.text.lower()


def test_the_report_link_is_the_operators_or_a_text_to_copy(site, door):
    assert "Copy this text" in read(site, "/codes/cpt4/62282").text
    html = door(report_url="https://example.org/report?from=site").ask("/codes/cpt4/62282").text
    assert 'href="https://example.org/report?code=cpt4%3A62282&amp;from=site"' in html
    assert "Copy this text" not in html


def test_csv_has_the_columns_and_the_licence(site):
    replied = site.ask("/codes/cpt4/62282/csv")
    assert replied.headers["content-type"] == "text/csv; charset=utf-8"
    header, row, end = replied.text.split("\r\n")
    assert header.startswith("system,code,display,title,title_status,kind,billable,active")
    assert row.startswith("cpt4,62282,,")
    assert "registered trademark" in row
    assert end == ""


def test_cpt_can_be_taken_away(door):
    off = door(cpt=False)
    assert off.ask("/codes/cpt4/62282").status_code == 404
    assert "62282" not in off.ask("/search?q=nerve").text
    assert "CPT" not in Page(off.ask("/systems").text).text
