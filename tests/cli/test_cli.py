"""The command line: exit codes, one sentence for a mistake, no traceback, quick help."""

import io
import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from handmade import TODAY
from plaincode.cli import main
from plaincode.verbs import VERBS

COMMANDS = [*(v.name for v in VERBS), "build", "serve", "status", "doctor", "titles", "guides"]


def plaincode(home, *words, **more):
    env = {**os.environ, "PLAINCODE_HOME": str(home), "PLAINCODE_TODAY": TODAY, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "plaincode", *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **more,
    )


def test_help_works_and_names_every_command(small):
    done = plaincode(small.path, "--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert name in done.stdout
    for name in COMMANDS:
        with pytest.raises(SystemExit) as left:
            main([name, "--help"])
        assert left.value.code == 0


def test_help_loads_nothing_heavy(small):
    said = "import sys; from plaincode.cli import parser; parser().format_help(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"tantivy", "starlette", "rich", "sqlite3", "msgspec", "yaml", "jinja2"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "icd10cm:M54.5"], 0),
        (["show", "470"], 0),
        (["search", "low", "back", "pain"], 0),
        (["search", "qqqqqqqqqq"], 1),
        (["show", "icd10cm:M54.52"], 1),
        (["show", "0360"], 1),
        (["show", "icd10cm:M54.5", "--on", "2019-01-01"], 1),
        (["show", "icd10cm:M54.5", "--on", "soon"], 2),
        (["show"], 2),
        (["show", "--no-such-option", "x"], 2),
        (["no-such-command"], 2),
        ([], 2),
        (["search", "x", "--limit", "many"], 2),
        (["search", "x", "--billable", "maybe"], 2),
        (["search", "x", "--system", "nowhere"], 2),
        (["build", "--from", "/no/such/file"], 2),
        (["titles"], 2),
        (["titles", "mend"], 2),
        (["serve", "--port", "many"], 2),
    ],
)
def test_exit_codes_and_one_sentence(words, code, cli):
    done = cli(*words)
    assert done.code == code
    assert "Traceback" not in done.out + done.err
    if code == 0 or words[:2] == ["search", "qqqqqqqqqq"]:
        assert done.err == ""
        assert done.out
    else:
        assert done.out == ""
        what = done.err.splitlines()[0]
        assert what.endswith((".", "…")), what
    as_json = cli(*words, "--json")
    assert as_json.code == code
    assert as_json.err == ""
    answer = as_json.json
    if code and "total" not in answer:
        assert {"error", "what", "where", "do"} <= answer.keys()


def test_no_catalog_and_a_damaged_one_are_exit_3(small, tmp_path):
    done = plaincode(tmp_path, "show", "icd10cm:M54.5", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]) == (3, "no_catalog")
    done = plaincode(tmp_path, "show", "icd10cm:M54.5")
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == "There is no catalog yet."
    assert "plaincode build" in done.stderr
    home = tmp_path / "home"
    shutil.copytree(small.path, home)
    manifest = next(home.glob("snapshots/*/manifest.json"))
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    done = plaincode(home, "search", "pain", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]) == (3, "damaged_catalog")
    (home / "snapshots" / "current").write_text("gone\n")
    done = plaincode(home, "status", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]) == (3, "damaged_catalog")


@pytest.mark.parametrize("name", ["PLAINCODE_PORT", "PLAINCODE_CPT", "PLAINCODE_TODAY"])
def test_a_setting_that_is_none_is_said(name, cli, monkeypatch):
    monkeypatch.setenv(name, "nonsense")
    done = cli("systems", "--json")
    assert (done.code, done.json["error"], done.json["where"]) == (2, "bad_request", name)


@pytest.mark.parametrize("first", [8192, 300_000])
def test_damage_inside_the_facts_is_said_without_a_traceback(small, tmp_path, first):
    home = tmp_path / "home"
    shutil.copytree(small.path, home)
    facts = next(home.glob("snapshots/*/facts.sqlite"))
    raw = bytearray(facts.read_bytes())
    for at in range(first, len(raw), 64):
        raw[at] ^= 0xFF
    facts.write_bytes(raw)
    keys = ("icd10cm:M54.5", "cpt4:62282", "hcpcs:J0585", "drg:470", "icd10pcs:0DTJ4ZZ")
    codes = set()
    for words in (*(["show", key] for key in keys), ["browse", "icd10cm"], ["doctor"]):
        done = plaincode(home, *words, "--json")
        assert "Traceback" not in done.stderr, words
        assert done.returncode in {0, 3}, words
        codes.add(done.returncode)
    assert done.returncode == 3  # the doctor finds it wherever it is
    assert first == 300_000 or codes == {3}


ODD = (
    "",
    "\udcff\ud800",
    " ",
    "\t\n",
    "\x01\x1b[31m\x7f",
    "\u202eabc",
    "é😀中文",
    "'\"`;--",
    "[red]x[/red]",
    "a" * 10_000,
    "%00",
    "-",
    "*",
    "?",
)


@pytest.mark.parametrize("odd", ODD, ids=[ascii(o)[:20] for o in ODD])
@pytest.mark.parametrize("verb", ["search", "show", "browse", "guide", "similar", "policies"])
def test_odd_input_is_answered(verb, odd, cli):
    done = cli(verb, "--", odd)
    assert done.code in {0, 1, 2}
    assert "Traceback" not in done.err
    assert "\x1b" not in done.out + done.err
    assert cli(verb, "--json", "--", odd).code == done.code


def test_flags_mean_what_their_words_say(cli):
    everything = cli("search", "M54.5", "--json").json
    assert {h["billable"] for h in everything["hits"]} == {True, False}
    assert {h["billable"] for h in cli("search", "M54.5", "--billable", "--json").json["hits"]} == {True}
    assert {h["billable"] for h in cli("search", "M54.5", "--billable=false", "--json").json["hits"]} == {
        False
    }
    two = cli("search", "injection", "--system", "cpt4,hcpcs", "--json").json
    assert (
        two["total"]
        == cli("search", "injection", "--system", "cpt4", "--system", "HCPCS", "--json").json["total"]
    )
    assert len(cli("search", "injection", "--limit", "3", "--json").json["hits"]) == 3


def test_what_is_printed_for_people(cli):
    shown = cli("show", "icd10cm:M54.50").out
    for words in ("icd10cm:M54.50  Low back pain, unspecified", "billable: yes", "Lumbago NOS", "FY2022"):
        assert words in shown
    ended = cli("show", "cpt4:62310").out
    assert "replaced by: 62320" in ended
    assert "active: no" in ended
    assert "(official words not loaded)" in cli("show", "cpt4:2023F").out
    assert "Which one is meant?" in cli("show", "470").out
    assert "25" in cli("show", "99213-25").out
    assert "1. " in cli("guide", "cpt4:62282").out
    assert "informs and does not advise" in cli("guide", "cpt4:62282").out
    assert "neck or upper back" in cli("similar", "cpt4:62282").out
    assert "as of" in cli("policies", "cpt4:62323").out
    assert "says nothing about what a plan covers" in cli("policies", "icd10cm:W08.XXXA").out
    assert "chapter-13" in cli("browse", "icd10cm").out
    assert "number" in cli("systems").out


def test_a_pipe_that_closes_early_is_no_failure(small):
    env = {**os.environ, "PLAINCODE_HOME": str(small.path)}
    running = subprocess.Popen(
        [sys.executable, "-m", "plaincode", "search", "injection", "--limit", "200"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    running.stdout.close()
    assert b"Traceback" not in running.stderr.read()
    running.stderr.close()
    assert running.wait(60) in {0, 1}


def test_long_lines_are_not_broken_where_a_program_reads_them(cli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = cli("status").out.splitlines()
    assert any(line.startswith("Content digest ") and len(line) == 79 for line in lines)


def test_titles_and_guides_that_are_shipped_have_no_fault(cli):
    for what in ("titles", "guides"):
        done = cli(what, "check", "--json")
        assert (done.code, done.json) == (0, {"ok": True, "faults": []})


def test_serve_says_when_the_port_is_taken(small, cli):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = cli("serve", "--port", str(taken.getsockname()[1]))
    assert done.code == 3
    assert "cannot listen" in done.err


def test_serve_without_a_catalog_and_without_a_person_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLAINCODE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main(["serve", "--port", "0"]) == 3
    assert "plaincode build" in capsys.readouterr().err


@pytest.mark.slow
def test_help_is_quick(small):
    took = []
    for _ in range(5):
        start = time.perf_counter()
        plaincode(small.path, "--help")
        took.append(time.perf_counter() - start)
    assert min(took) < 1.0  # the target of 0.2 s is measured on a quiet machine by `make bench`


def test_guides_and_titles_are_counted(cli):
    counted = cli("guide", "coverage", "--json").json["systems"]
    assert counted["cpt4"]["written"] == 3
    assert counted["cpt4"]["ended"] > 0
    assert counted["icd10cm"]["composed"] > 0
    assert "written" in cli("guide", "coverage").out
    assert cli("guide", "check").code == 0
    sections = {s["section"]: s for s in cli("titles", "coverage", "--json").json["sections"]}
    spine = sections["CPT surgery and procedures"]
    assert spine["titled"]["source-checked"] > 0
    assert sum(spine["titled"].values()) + sum(spine["empty"].values()) == spine["numbers"]
    assert "source-checked" in cli("titles", "coverage").out


def test_titles_are_held_against_licensed_words_without_printing_them(cli, tmp_path):
    official = tmp_path / "LONGULT.txt"
    words = "Nerve-destroying injection in the lower back or tailbone area, of our own making"
    notice = "INVENTED, for the publisher's: copyright 1966, 1983-2025 American Medical Association"
    text = f"{notice}\r\n\r\n62282\t{words}\r\n"
    official.write_text(text, encoding="utf-8")
    done = cli("titles", "check", "--licensed", str(official))
    assert (done.code, done.err) == (0, "")
    assert "1 titles compared" in done.out
    assert "62282: 10 words in a row" in done.out
    assert "making" not in done.out
    none = cli("titles", "check", "--licensed", str(tmp_path / "no-such-file"))
    assert none.code == 2
