"""Adding a code system is three new files and no edit: the page that says so is carried out as written."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import plaincode
from plaincode.model import Concept
from plaincode.systems import SYSTEMS, discover
from plaincode.systems.seam import File

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "add-a-code-system.md"
FILES = re.compile(r"^`((?:src|tests)/\S+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def written() -> dict[str, str]:
    return dict(FILES.findall(PAGE.read_text(encoding="utf-8")))


def test_the_page_holds_three_files() -> None:
    assert list(written()) == [
        "src/plaincode/systems/moons.py",
        "tests/systems/fixtures/moons.txt",
        "tests/systems/test_moons.py",
    ]


def test_a_module_in_a_folder_is_discovered_and_reads(tmp_path, monkeypatch) -> None:
    package = tmp_path / "made_up_systems"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "moons.py").write_text(written()["src/plaincode/systems/moons.py"], encoding="utf-8")
    (package / "_shared.py").write_text("SHARED = 1\n", encoding="utf-8")
    fixture = tmp_path / "moons.txt"
    fixture.write_text(written()["tests/systems/fixtures/moons.txt"], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    found = discover([str(package)], "made_up_systems")
    assert list(found) == ["moons"]
    system = found["moons"]
    file = File(fixture.name, fixture)
    claim = system.recognise(file)
    assert claim
    codes = [r.code for r in system.read([(file, claim)]) if isinstance(r, Concept)]
    assert codes == ["planet-jupiter", "J01", "J02", "planet-saturn", "S06"]
    assert [s.id for s in SYSTEMS.values() if s.recognise(file)] == []


@pytest.mark.slow
def test_three_files_in_a_copy_of_the_source_pass_every_contract(tmp_path) -> None:
    shutil.copytree(
        Path(plaincode.__file__).parent,
        tmp_path / "src" / "plaincode",
        ignore=shutil.ignore_patterns("__pycache__", "static"),
    )
    tests = tmp_path / "tests" / "systems"
    tests.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("test_contract.py"), tests)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.py")}
    for name, text in written().items():
        path = tmp_path / name
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "-k", "moons", tests],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed
    assert int(passed[1]) >= 9, run.stdout
    assert {path: path.read_bytes() for path in before} == before
