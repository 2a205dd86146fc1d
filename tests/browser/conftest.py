"""A real browser over a running site. Chromium and its driver come from the system; axe-core's script from
a package that carries it. On a bare machine these tests skip with the reason."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TODAY = "2026-11-23"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@pytest.fixture(scope="session")
def site(small):
    """The address of the site over the small snapshot, served by the real command."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("Chromium and chromedriver are not installed on this machine")
    env = os.environ | {"PLAINCODE_HOME": str(small.path), "PLAINCODE_TODAY": TODAY, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "plaincode", "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            found = re.search(r"http://\S+?(?=/ )", server.stdout.readline())
            assert found, "the server did not say where it is"
            yield found[0]
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("the package that carries axe-core is not installed")
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


def start(tmp: Path, *, script: bool = True, dark: bool = False):
    """Return a browser with a profile of its own."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*QUIET, f"--user-data-dir={tmp}"):
        options.add_argument(flag)
    if dark:
        options.add_argument("--force-dark-mode")
        options.add_argument("--blink-settings=preferredColorScheme=0")
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


@pytest.fixture(scope="session")
def browser(site, tmp_path_factory):
    """A browser with scripts."""
    made = start(tmp_path_factory.mktemp("chromium"))
    yield made
    made.quit()


@pytest.fixture(scope="session")
def plain_browser(site, tmp_path_factory):
    """A browser without scripts."""
    made = start(tmp_path_factory.mktemp("chromium-plain"), script=False)
    yield made
    made.quit()
