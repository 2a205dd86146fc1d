"""What many tests build with: the folders of fixtures, a home with a snapshot, the site without a port."""

import asyncio
import json
from pathlib import Path
from typing import NamedTuple

import httpx

from plaincode import content
from plaincode.build import Gathered, Input, build
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


def make_home(path: Path, gathered: Gathered, root: Path | None = None, **more) -> Home:
    """Build a snapshot of what was gathered under a home of its own, with the shipped content or another."""
    home = Home(path, None)
    outcome = build(gathered, home.settings.snapshots, content=root or content.folder(), **more)
    return Home(path, outcome)
