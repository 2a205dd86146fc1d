"""What a person does: type, choose, read, walk the hierarchy by keyboard; and what axe finds."""

import time

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/search?q=pain",
    "/search?q=zzzzqqqq",
    "/codes/cpt4/62282",
    "/codes/cpt4/62310",
    "/codes/icd10cm/M54.5",
    "/browse",
    "/browse/icd10cm",
    "/systems",
    "/systems/hcpcs",
    "/data",
    "/about",
    "/tables/icd10pcs",
    "/nothing-of-the-kind",
)
WIDTHS = (390, 1280)


def wait(browser, check):
    return WebDriverWait(browser, 10, poll_frequency=0.05).until(check)


def test_a_typed_query_suggests_codes_and_enter_opens_the_page(browser, site):
    browser.set_window_size(1280, 900)
    browser.get(f"{site}/")
    box = browser.find_element(By.ID, "q")
    box.send_keys("62282")
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "[role=option]"))
    assert box.get_attribute("aria-expanded") == "true"
    box.send_keys(Keys.ARROW_DOWN)
    chosen = browser.find_element(By.ID, box.get_attribute("aria-activedescendant"))
    assert "62282" in chosen.text
    box.send_keys(Keys.ENTER)
    wait(browser, lambda b: b.current_url.endswith("/codes/cpt4/62282"))
    assert "Nerve-destroying injection" in browser.find_element(By.TAG_NAME, "h1").text
    assert "CPT4 code" in browser.find_element(By.TAG_NAME, "main").text


def test_escape_closes_the_suggestions_and_enter_then_searches(browser, site):
    browser.get(f"{site}/")
    box = browser.find_element(By.ID, "q")
    box.send_keys("pain")
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "[role=option]"))
    box.send_keys(Keys.ESCAPE)
    assert box.get_attribute("aria-expanded") == "false"
    box.send_keys(Keys.ENTER)
    wait(browser, lambda b: "/search?q=pain" in b.current_url)


def test_the_hierarchy_can_be_walked_by_keyboard(browser, site):
    browser.get(f"{site}/browse/icd10cm")
    for wanted in ("/browse/icd10cm/chapter-13", "block-M40-M54", "block-M50-M54", "/M54", "/M54.5"):
        body = browser.switch_to.active_element
        for _ in range(60):
            body.send_keys(Keys.TAB)
            body = browser.switch_to.active_element
            address = body.get_attribute("href") or ""
            if address.endswith(wanted):
                break
        else:
            pytest.fail(f"no link to {wanted} is reached by the Tab key on {browser.current_url}")
        before = browser.current_url
        body.send_keys(Keys.ENTER)
        wait(browser, lambda b, before=before: b.current_url != before)
    assert browser.current_url.endswith("M54.5")


def test_the_skip_link_leads_to_the_content(browser, site):
    browser.get(f"{site}/codes/cpt4/62282")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    first = browser.switch_to.active_element
    target = first.get_attribute("href").rpartition("#")[2]
    assert browser.find_element(By.ID, target).tag_name == "main"


def test_without_scripts_the_box_still_searches_and_pages_still_read(plain_browser, site):
    plain_browser.get(f"{site}/")
    box = plain_browser.find_element(By.ID, "q")
    box.send_keys("low back pain", Keys.ENTER)
    wait(plain_browser, lambda b: "/search?q=low+back+pain" in b.current_url)
    plain_browser.find_element(By.CSS_SELECTOR, "main a[href$='/codes/icd10cm/M54.5']").click()
    wait(plain_browser, lambda b: b.current_url.endswith("/codes/icd10cm/M54.5"))
    assert "Low back pain" in plain_browser.find_element(By.TAG_NAME, "h1").text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_serious(browser, site, axe, page, width):
    browser.set_window_size(width, 1000)
    browser.get(site + page)
    browser.execute_script(axe)
    found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    serious = [
        (v["id"], v["impact"], [n["html"][:120] for n in v["nodes"]][:3])
        for v in found["violations"]
        if v["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert found["passes"]


@pytest.mark.parametrize("page", PAGES)
def test_in_the_dark_the_contrast_holds(browser, site, axe, page):
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    try:
        browser.get(site + page)
        browser.execute_script(axe)
        found = browser.execute_async_script(
            "axe.run({runOnly: ['color-contrast']}).then(arguments[arguments.length - 1])"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert [n["html"][:120] for v in found["violations"] for n in v["nodes"]] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_shows_no_sideways_scrolling(browser, site, page):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )
    try:
        browser.get(site + page)
        time.sleep(0.05)
        wide = browser.execute_script("return document.documentElement.scrollWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 390


@pytest.mark.parametrize("page", PAGES)
def test_nothing_comes_from_another_host_and_the_console_is_quiet(browser, site, page):
    browser.get_log("browser")  # what other tests left there
    browser.get(site + page)
    addresses = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [a for a in addresses if not a.startswith(site)] == []
    missing = ("404",) if page == "/nothing-of-the-kind" else ()
    said = [
        line["message"]
        for line in browser.get_log("browser")
        if line["level"] == "SEVERE" and not any(m in line["message"] for m in missing)
    ]
    assert said == []
