"""The build: what it takes, what it refuses, what it says, and what is left when it fails or is killed."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from handmade import FIXTURES, LAYOUTS, make_home, starter_like
from plaincode import content, snapshot
from plaincode.build import Gathered, build, user_inputs
from plaincode.catalog import open_catalog
from plaincode.errors import BadRequest, ContentError, DamagedCatalog, Failed, NoCatalog
from plaincode.settings import Settings

ORDER = LAYOUTS / "icd10cm_order_2021.txt"
NEWER = LAYOUTS / "icd10cm_order_2022.txt"
TABLE5 = FIXTURES / "releases" / "table5_fy2025.txt"


def order_file(path: Path, count: int, bad: int = 0) -> Path:
    """Write an order file of ICD-10-CM with many rows; every so often one has no billable flag."""
    with path.open("w") as out:
        for n in range(count):
            code = f"{'ABCDEFGHJK'[n // 1000 % 10]}{n // 10 % 100:02}{n % 10}{n // 10_000:X}"
            flag = "?" if bad and n >= count - bad else "1"
            out.write(f"{n:05} {code:<7} {flag} {f'Made-up {n}':<60} Made-up condition {n}\n")
    return path


def command(home: Path, *words: str, seed: int = 0) -> subprocess.Popen:
    """Start a command in a process of its own."""
    env = {**os.environ, "PLAINCODE_HOME": str(home), "PYTHONHASHSEED": str(seed)}
    return subprocess.Popen(
        [sys.executable, "-m", "plaincode", *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# ---------------------------------------------------------------- what it takes


def test_files_folders_and_zips_are_recognised_by_content(tmp_path, thin):
    folder = tmp_path / "in" / "deeper"
    folder.mkdir(parents=True)
    shutil.copy(TABLE5, folder / "renamed-by-a-browser(1).txt")
    with zipfile.ZipFile(tmp_path / "in" / "2022-icd10cm.zip", "w") as archive:
        archive.write(NEWER, "Code files/icd10cm_order_2022.txt")
        archive.writestr("Code files/readme.pdf", b"%PDF-1.4 nothing to read")
    (folder / ".hidden").write_text("not looked at")
    gathered = user_inputs([tmp_path / "in", ORDER])
    found = sorted((i.system.id, i.claim.layout, i.file.source) for i in gathered.inputs)
    assert found == [
        ("drg", "table5", "renamed-by-a-browser(1).txt"),
        ("icd10cm", "order", "2022-icd10cm.zip/Code files/icd10cm_order_2022.txt"),
        ("icd10cm", "order", "icd10cm_order_2021.txt"),
    ]
    assert gathered.unrecognised == ["2022-icd10cm.zip/Code files/readme.pdf"]
    home = make_home(tmp_path / "home", gathered, thin)
    manifest = snapshot.read(home.outcome.folder)
    assert manifest.unrecognised == ["2022-icd10cm.zip/Code files/readme.pdf"]
    editions = [(r["system"], r["version"]) for r in manifest.releases if r["kind"] == "edition"]
    assert editions == [("icd10cm", "FY2021"), ("icd10cm", "FY2022"), ("drg", "FY2025")]
    release = next(r for r in manifest.releases if r["version"] == "FY2021")
    assert release["files"][0]["bytes"] == ORDER.stat().st_size
    assert (release["count"], release["billable"]) == (18, 9)


def test_the_same_file_twice_is_read_once(tmp_path, thin):
    with zipfile.ZipFile(tmp_path / "table5.zip", "w") as archive:
        archive.write(TABLE5, "table5_fy2025.txt")
    shutil.copy(TABLE5, tmp_path)
    gathered = user_inputs([tmp_path])
    assert [i.file.name for i in gathered.inputs] == ["table5_fy2025.txt"]
    outcome = make_home(tmp_path / "home", gathered, thin).outcome
    assert (outcome.counts["drg"]["codes"], outcome.holes) == (4, [])


def test_a_path_that_is_not_there_is_bad_use(tmp_path):
    with pytest.raises(BadRequest, match="There is no file or folder"):
        user_inputs([tmp_path / "nothing"])


@pytest.mark.parametrize("damage", ["cut", "crc", "encrypted"])
def test_a_damaged_zip_is_refused_and_the_rest_goes_on(tmp_path, damage, thin):
    path = tmp_path / "in" / "broken.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("icd10cm_order_2022.txt", NEWER.read_bytes() * 4)
    raw = bytearray(path.read_bytes())
    if damage == "cut":
        raw = raw[: len(raw) // 2]
    elif damage == "crc":
        raw[6000] ^= 0x20
    else:
        raw[6] |= 1  # the flag of an encrypted member, in its header and in the directory
        raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    shutil.copy(ORDER, path.parent)
    gathered = user_inputs([path.parent])
    outcome = make_home(tmp_path / "home", gathered, thin).outcome
    assert outcome.counts["icd10cm"]["codes"] == 18
    said = [*outcome.holes, *outcome.unrecognised]
    assert len(said) == 1
    assert "broken.zip" in said[0] or "icd10cm_order_2022.txt" in said[0]


# ---------------------------------------------------------------- what it refuses


def test_more_than_one_bad_record_in_a_thousand_refuses_the_file_and_the_rest_goes_on(tmp_path, thin):
    bad = order_file(tmp_path / "icd10cm_order_2023.txt", 3000, bad=4)
    outcome = make_home(tmp_path / "home", user_inputs([bad, ORDER, TABLE5]), thin).outcome
    (hole,) = outcome.holes
    assert "ICD-10-CM, FY2023 was refused: 4 of 3,000 records are bad, more than 0.1 %." in hole
    assert "icd10cm_order_2023.txt, line 2997" in hole
    assert outcome.counts["icd10cm"]["codes"] == 18
    assert outcome.counts["drg"]["codes"] == 4
    assert outcome.problem_counts == {"withheld": 0, "kept": 0}
    opened = open_catalog(outcome.folder)
    assert [r.version for r in opened.system("icd10cm").releases] == ["FY2021"]
    assert opened.data()["holes"] == outcome.holes
    opened.close()


def test_a_few_bad_records_are_withheld_whole_counted_and_named_with_file_and_line(tmp_path, thin):
    some = order_file(tmp_path / "icd10cm_order_2023.txt", 3000, bad=3)
    outcome = make_home(tmp_path / "home", user_inputs([some]), thin).outcome
    assert outcome.holes == []
    assert outcome.problem_counts == {"withheld": 3, "kept": 0}
    assert outcome.counts["icd10cm"]["codes"] == 2997
    manifest = snapshot.read(outcome.folder)
    assert manifest.problem_counts == {"withheld": 3, "kept": 0}
    assert [(p["file"], p["line"], p["kept"]) for p in manifest.problems] == [
        ("icd10cm_order_2023.txt", line, False) for line in (2998, 2999, 3000)
    ]


def test_a_layout_that_is_not_the_publishers_is_refused_with_its_line(tmp_path, thin):
    raw = TABLE5.read_bytes().replace(b"Arithmetic mean LOS", b"Something else")
    (tmp_path / "table5_fy2025.txt").write_bytes(raw)
    outcome = make_home(tmp_path / "home", user_inputs([tmp_path / "table5_fy2025.txt", ORDER]), thin).outcome
    (hole,) = outcome.holes
    assert "MS-DRG, MS-DRG FY2025 was refused: The header is not that of Table 5" in hole
    assert "table5_fy2025.txt, line 3" in hole
    assert "drg" not in outcome.counts
    opened = open_catalog(outcome.folder)
    assert [s.id for s in opened.systems().systems if s.release.kind == "edition"] == ["icd10cm"]
    assert "drg" not in [s.id for s in opened.systems().systems]
    opened.close()


def test_a_count_that_is_not_the_publishers_refuses_the_edition(tmp_path, thin):
    raw = TABLE5.read_bytes().replace(b"2025", b"2026")
    (tmp_path / "table5_fy2026.txt").write_bytes(raw)
    outcome = make_home(tmp_path / "home", user_inputs([tmp_path / "table5_fy2026.txt", ORDER]), thin).outcome
    assert "4 codes were read where MS-DRG FY2026 has 772." in outcome.holes[0]


def test_a_part_without_its_whole_is_said_and_the_rest_goes_on(tmp_path, thin):
    gathered = user_inputs([FIXTURES / "licensed" / "SHORTU.txt", ORDER])
    outcome = make_home(tmp_path / "home", gathered, thin).outcome
    (hole,) = outcome.holes
    assert hole.startswith("SHORTU.txt: it adds to an edition of CPT, and none is loaded. Load the code list")
    assert outcome.counts["icd10cm"]["codes"] == 18
    with pytest.raises(BadRequest, match="adds to an edition of CPT"):
        make_home(tmp_path / "alone", user_inputs([FIXTURES / "licensed" / "SHORTU.txt"]), thin)


def test_everything_that_disagrees_is_a_warning_that_is_counted(tmp_path, thin):
    """`ended.csv` goes before the last day of a list, and the build says that they differ."""
    numbers = tmp_path / "numbers"
    shutil.copytree(FIXTURES / "numbers", numbers)
    with (numbers / "betpuf14.txt").open("a") as out:
        out.write("62310 P1G20151231\n")
    outcome = make_home(tmp_path / "home", Gathered(starter_like(numbers)), thin).outcome
    said = "cpt4:62310 ended on 2016-12-31 here and on 2015-12-31 in a list."
    assert [p.what for p in outcome.problems if "62310" in p.what] == [said]
    assert outcome.problem_counts["kept"] == len(outcome.problems)
    opened = open_catalog(outcome.folder)
    assert opened.show("cpt4:62310").valid["to"] == "2016-12-31"
    opened.close()


def test_the_command_says_what_it_read_withheld_refused_and_did_not_know(
    tmp_path, releases, monkeypatch, capsys
):
    from plaincode.cli import main

    monkeypatch.setenv("PLAINCODE_HOME", str(tmp_path))
    bad = order_file(tmp_path / "icd10cm_order_2023.txt", 100, bad=4)
    assert main(["build", "--no-starter", "--from", str(releases), str(bad)]) == 0
    said = capsys.readouterr()
    assert "not recognised: letter.txt" in said.err
    assert "1 files were not recognised" in said.out
    assert "0 bad records withheld" in said.out
    assert "NOT LOADED: ICD-10-CM, FY2023 was refused" in said.out
    assert "MS-DRG: 4 codes" in said.out
    assert main(["build", "--no-starter", "--from", str(releases), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["problems"] == {"withheld": 0, "kept": 0}
    assert made["unrecognised"] == ["letter.txt"]
    assert main(["build", "--no-starter", "--from", str(releases / "letter.txt")]) == 2
    assert "None of the files is a release that plaincode knows." in capsys.readouterr().err
    assert main(["status"]) == 0
    assert "drg: MS-DRG FY2025, 4 codes" in capsys.readouterr().out


# ---------------------------------------------------------------- the snapshot


def test_equal_inputs_make_equal_content_wherever_and_in_whatever_order(tmp_path, releases):
    """Two processes with another order of files, another folder and another order within sets."""
    moved = tmp_path / "elsewhere"
    shutil.copytree(releases, moved)
    files = sorted(map(str, releases.iterdir()))
    others = sorted(map(str, moved.iterdir()), reverse=True)
    running = [
        command(tmp_path / f"home{seed}", "build", "--no-starter", "--from", *given, seed=seed)
        for seed, given in ((1, files), (2, others))
    ]
    for one in running:
        out, err = one.communicate(timeout=120)
        assert one.returncode == 0, out + err
    first, second = (snapshot.read(in_use(tmp_path / f"home{seed}")) for seed in (1, 2))
    assert first.content == second.content
    assert first.counts == second.counts


def test_other_inputs_make_other_content(tmp_path, thin):
    changed = tmp_path / "table5_fy2025.txt"
    changed.write_bytes(TABLE5.read_bytes().replace(b"HEART", b"CHEST"))
    made = [
        make_home(tmp_path / f"{n}", user_inputs([f]), thin) for n, f in enumerate((TABLE5, changed, TABLE5))
    ]
    digests = [snapshot.read(home.outcome.folder).content for home in made]
    assert digests[0] == digests[2] != digests[1]


def test_private_where_a_users_file_may_not_be_given_away(tmp_path, small, thin):
    assert snapshot.read(small.outcome.folder).private is False
    licensed = make_home(tmp_path, user_inputs([FIXTURES / "licensed"]), thin)
    manifest = snapshot.read(licensed.outcome.folder)
    assert manifest.private is True
    assert manifest.starter is False


def test_a_manifest_that_is_not_known_or_not_whole_is_refused(small, tmp_path):
    folder = tmp_path / "snapshots" / small.outcome.folder.name
    shutil.copytree(small.outcome.folder, folder)
    path = folder / "manifest.json"
    good = json.loads(path.read_text())
    for change in (
        {"format": 99},
        {"format": None},
        {"format": "1"},
        {"unheard_of": 1},
        {"files": {}},
        {"files": {"facts.sqlite": {}}},
        {"files": 3},
    ):
        path.write_text(json.dumps(good | change))
        with pytest.raises(DamagedCatalog) as raised:
            open_catalog(folder)
        assert raised.value.exit_code == 3
        assert raised.value.do
    for text in ("", "[]", "{", "null", "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")):
        path.write_text(text)
        with pytest.raises(DamagedCatalog):
            open_catalog(folder)
    path.unlink()
    with pytest.raises(DamagedCatalog, match="no manifest"):
        open_catalog(folder)
    path.write_text(json.dumps(good))
    open_catalog(folder).close()


def test_a_file_cut_short_or_missing_is_found_on_opening(small, tmp_path):
    for name in ("facts.sqlite", "words/meta.msgpack"):
        folder = tmp_path / name.replace("/", "-") / "s"
        shutil.copytree(small.outcome.folder, folder)
        victim = folder / name
        victim.write_bytes(victim.read_bytes()[:-1])
        with pytest.raises(DamagedCatalog, match=f"The file {name} is missing or has another size"):
            open_catalog(folder)
        victim.unlink()
        with pytest.raises(DamagedCatalog, match=f"The file {name} is missing"):
            open_catalog(folder)


def test_doctor_finds_one_flipped_byte(small, tmp_path, monkeypatch, capsys):
    from plaincode.cli import main

    home = tmp_path / "home"
    shutil.copytree(small.path, home)
    monkeypatch.setenv("PLAINCODE_HOME", str(home))
    assert main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    facts = home / "snapshots" / small.outcome.folder.name / "facts.sqlite"
    raw = bytearray(facts.read_bytes())
    raw[len(raw) // 2] ^= 1
    facts.write_bytes(raw)
    assert snapshot.verify(facts.parent) == ["facts.sqlite"]
    assert main(["doctor", "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    (bad,) = [f for f in said["findings"] if not f["ok"]]
    assert "damaged: facts.sqlite" in bad["what"]
    assert "plaincode build" in bad["do"]
    assert main(["doctor"]) == 3
    assert "BAD" in capsys.readouterr().out


def test_the_facts_are_opened_read_only(catalog):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalog._store._connection().execute("DELETE FROM concept")


def test_opening_writes_nothing_into_the_snapshot(small, tmp_path):
    folder = tmp_path / "s"
    shutil.copytree(small.outcome.folder, folder, ignore=shutil.ignore_patterns("*.lock"))
    files = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    opened = open_catalog(folder)
    assert opened.search("low back pain").total
    assert opened.show("icd10cm:M54.5").code == "M54.5"
    opened.close()
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == files


def test_no_catalog_is_said_and_what_to_do(tmp_path):
    with pytest.raises(NoCatalog) as raised:
        open_catalog(settings=Settings(home=tmp_path))
    assert raised.value.to_dict()["error"] == "no_catalog"
    assert "plaincode build" in raised.value.do


# ---------------------------------------------------------------- failing and dying


def in_use(home: Path) -> Path:
    return snapshot.current(home / "snapshots")


def scratches(home: Path) -> list[str]:
    return [p.name for p in (home / "snapshots").iterdir() if p.name.startswith(".")]


@pytest.fixture
def mine(small, tmp_path) -> Path:
    """A home of one's own with a copy of the small snapshot."""
    home = tmp_path / "home"
    shutil.copytree(small.path, home)
    return home


def test_a_failed_build_leaves_the_snapshot_in_use(mine, tmp_path, thin):
    before = in_use(mine)
    broken = tmp_path / "content"
    shutil.copytree(content.folder(), broken)
    (broken / "coverage" / "broken.yaml").write_text("payer: [unclosed\n")
    with pytest.raises(ContentError, match="not YAML"):
        build(user_inputs([ORDER]), mine / "snapshots", content=broken)
    assert in_use(mine) == before
    assert snapshot.verify(before) == []
    assert scratches(mine) == []
    bad = order_file(tmp_path / "icd10cm_order_2023.txt", 100, bad=4)
    (mine / "cache").mkdir(exist_ok=True)
    failed = build(user_inputs([bad]), tmp_path / "other", content=thin)
    assert failed.holes


def test_a_folder_that_cannot_be_written_is_said(tmp_path, thin):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(Failed, match="cannot be written") as raised:
        build(user_inputs([ORDER]), blocked / "snapshots", content=thin)
    assert "PLAINCODE_HOME" in raised.value.do


@pytest.mark.slow
def test_a_killed_build_leaves_the_snapshot_in_use_and_the_next_one_clears_up(mine, tmp_path, thin):
    before = in_use(mine)
    digest = snapshot.read(before).content
    many = order_file(tmp_path / "icd10cm_order_2023.txt", 90_000)
    running = command(mine, "build", "--no-starter", "--from", str(many))
    deadline = time.monotonic() + 60
    while not any(mine.glob("snapshots/.building-*/*")):
        assert running.poll() is None, running.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)  # into the reading and writing, well before the end
    assert running.poll() is None, "the build ended before it could be killed"
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert len(scratches(mine)) == 1
    assert in_use(mine) == before
    assert snapshot.verify(before) == []
    opened = open_catalog(settings=Settings(home=mine))
    assert opened.show("icd10cm:M54.5").code == "M54.5"
    opened.close()
    again = build(user_inputs([TABLE5]), mine / "snapshots", content=thin)
    assert scratches(mine) == []
    assert in_use(mine) == again.folder
    assert snapshot.read(again.folder).content != digest


def test_two_builds_at_once_do_not_clear_each_other_up(mine):
    with snapshot.building(mine / "snapshots") as first, snapshot.building(mine / "snapshots") as second:
        assert first.is_dir()
        assert second.is_dir()
    assert scratches(mine) == []


def test_old_snapshots_are_taken_away_and_the_one_before_stays(mine, thin):
    made = [in_use(mine)]
    for file in (TABLE5, ORDER, NEWER):
        made += [build(user_inputs([file]), mine / "snapshots", content=thin).folder]
    held = {p for p in (mine / "snapshots").iterdir() if p.is_dir()}
    assert len(held) == 2
    assert made[-1] in held
    assert in_use(mine) == made[-1]
