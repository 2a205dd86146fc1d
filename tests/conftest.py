"""What many tests share: small release files written by hand, a snapshot built of them, and the doors to it.

The snapshot holds two editions of ICD-10-CM, one each of ICD-10-PCS, MS-DRG and ICD-9-CM, lists of CPT and
HCPCS numbers, and the content that is shipped. Nothing here needs a network or the starter's packages.
"""

import os
import shutil
from pathlib import Path

import pytest

from handmade import FIXTURES, LAYOUTS, SHARED, TODAY, Answered, Home, Site, make_home, starter_like
from plaincode import content
from plaincode.build import user_inputs
from plaincode.catalog import Catalog, open_catalog
from plaincode.cli import main


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Tests do not see the settings of who runs them; the day stands still."""
    for name in ("HOME", "HOST", "PORT", "CPT", "REPORT_URL"):
        monkeypatch.delenv(f"PLAINCODE_{name}", raising=False)
    monkeypatch.setenv("PLAINCODE_TODAY", TODAY)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="session")
def thin(tmp_path_factory) -> Path:
    """The shipped content with neither lists of numbers, guides nor policies: a build takes a moment."""
    root = tmp_path_factory.mktemp("content")
    for name in ("titles", "vocabulary"):
        shutil.copytree(content.folder() / name, root / name)
    numbers = root / "titles" / "numbers.csv"
    numbers.write_text(numbers.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    return root


@pytest.fixture(scope="session")
def releases(tmp_path_factory) -> Path:
    """A folder of release files as a person may have it."""
    folder = tmp_path_factory.mktemp("releases")
    shutil.copytree(FIXTURES / "releases", folder, dirs_exist_ok=True)
    for name in SHARED:
        shutil.copy(LAYOUTS / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def small(releases, tmp_path_factory) -> Home:
    """The home of the small snapshot; nobody may write in it."""
    gathered = user_inputs([releases])
    gathered.inputs.extend(starter_like(FIXTURES / "numbers"))
    return make_home(tmp_path_factory.mktemp("small"), gathered)


@pytest.fixture(scope="session")
def catalog(small) -> Catalog:
    """The small snapshot, open."""
    opened = open_catalog(settings=small.settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def client(small):
    """The site over the small snapshot."""
    site = Site(small.settings)
    yield site
    site.close()


@pytest.fixture
def cli(small, monkeypatch, capsys):
    """The command line over the small snapshot: words in, an Answered out."""
    monkeypatch.setenv("PLAINCODE_HOME", str(small.path))

    def run(*words: str) -> Answered:
        capsys.readouterr()
        code = main(words)
        said = capsys.readouterr()
        return Answered(code, said.out, said.err)

    return run


def pytest_sessionfinish(session):
    """Fail a run that may skip nothing (PLAINCODE_NO_SKIP, as the gate sets it) and did."""
    if not os.environ.get("PLAINCODE_NO_SKIP"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped:
        reporter.write_line(f"{len(skipped)} tests were skipped where none may be:", red=True)
        for report in skipped:
            reporter.write_line(f"  {report.nodeid}: {report.longrepr[-1]}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
