"""What many tests share: small release files written by hand, a snapshot built of them, and the doors to it.

The snapshot holds two editions of ICD-10-CM, one each of ICD-10-PCS, MS-DRG and ICD-9-CM, lists of CPT and
HCPCS numbers, and the content that is shipped. Nothing here needs a network or the starter's packages.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from plaincode import content
from plaincode.build import Gathered, Input, build, user_inputs
from plaincode.catalog import Catalog, open_catalog
from plaincode.cli import main
from plaincode.settings import Settings
from plaincode.systems import SYSTEMS, File

TODAY = "2026-11-23"
HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures"
LAYOUTS = HERE / "systems" / "fixtures"
# Release files that the tests of the readers have too: one copy of each.
SHARED = (
    "icd10cm_order_2021.txt",
    "icd10cm_order_2022.txt",
    "icd10cm_tabular_2022.xml",
    "icd10pcs_order_2022.txt",
    "icd10pcs_tables_2022.xml",
    "icd10pcs_definitions_2022.xml",
)


class Answered(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Site:
    """The site as a program asks it, in this process and without a port."""

    def __init__(self, settings: Settings) -> None:
        from plaincode.web import application

        self._app = application(settings)
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(self._app, client=("203.0.113.7", 4711))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://plaincode")

    def get(self, address: str, **more) -> httpx.Response:
        return self._runner.run(self._client.get(address, **more))

    def post(self, address: str, **more) -> httpx.Response:
        return self._runner.run(self._client.post(address, **more))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._app.holder.close())
        self._runner.close()


class Home(NamedTuple):
    """A home with a snapshot, and what the build said of it."""

    path: Path
    outcome: object

    @property
    def settings(self) -> Settings:
        return Settings(home=self.path, today=TODAY)


def starter_like(folder: Path) -> list[Input]:
    """Return lists of numbers as the starter brings them: each file's name says its layout."""
    found = []
    for path in sorted(folder.iterdir()):
        for system in (SYSTEMS["cpt4"], SYSTEMS["hcpcs"]):
            file = File(path.name, path, source=f"made-up package ({path.name})", layout=path.stem)
            claim = system.recognise(file)
            assert claim is not None, path
            found.append(Input(system, file, claim, starter=True))
    return found


def make_home(path: Path, gathered: Gathered, **more) -> Home:
    """Build a snapshot of what was gathered under a home of its own."""
    home = Home(path, None)
    outcome = build(gathered, home.settings.snapshots, content=content.folder(), **more)
    return Home(path, outcome)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Tests do not see the settings of who runs them; the day stands still."""
    for name in ("HOME", "HOST", "PORT", "CPT", "REPORT_URL"):
        monkeypatch.delenv(f"PLAINCODE_{name}", raising=False)
    monkeypatch.setenv("PLAINCODE_TODAY", TODAY)
    monkeypatch.setenv("COLUMNS", "200")


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
