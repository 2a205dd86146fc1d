"""The documentation keeps to what is there: generated pages, commands, links, rooms, settings, decisions."""

import inspect
import re
import shlex
import subprocess
import sys

import pytest
from docpages import PAGES, ROOT, fences, prose, title

from plaincode import errors
from plaincode.cli import parser
from plaincode.settings import Settings

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
_COMMAND = re.compile(r"`(?:[A-Z_]+=\S+ )?(plaincode [^`]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def test_generated_pages_are_up_to_date():
    command = [sys.executable, str(ROOT / "tools" / "generate_docs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def named_commands():
    """Return (page, command) of every plaincode command in prose and console blocks."""
    found = []
    for page in PAGES:
        # usage lines of verbs.md have brackets where something may be left out
        found += [
            (title(page), " ".join(said.split())) for said in _COMMAND.findall(prose(page)) if "[" not in said
        ]
    for fence in fences():
        lines = [line for line in fence.text.splitlines() if line.startswith(("$ ", ".venv/bin/plaincode"))]
        said = [line.removeprefix("$ ").removeprefix(".venv/bin/") for line in lines]
        found += [(fence.name, command) for command in said if command.startswith("plaincode ")]
    return sorted(set(found))


@pytest.mark.parametrize(("where", "command"), named_commands())
def test_every_command_that_is_named_is_one(where, command):
    words = shlex.split(command, comments=True)[1:]
    if words in (["--help"], ["titles"], ["guides"]):
        return  # help ends the process; the two stand alone only as the head of a row
    if len(words) == 1:
        words += {"search": ["x"], "show": ["x"]}.get(words[0], [])
    assert parser().parse_args(words).command == words[0], where


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_link_leads_to_a_file(page):
    missing = [
        target
        for target in _LINK.findall(re.sub(r"`[^`\n]+`", "", prose(page)))
        if not target.startswith(("http://", "https://")) and not (page.parent / target).exists()
    ]
    assert not missing


@pytest.mark.parametrize("page", DECISIONS, ids=lambda p: p.stem)
def test_a_decision_has_its_three_headings_and_a_place_in_the_list(page):
    text = page.read_text("utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["What we thought", "What we found", "What we do"]
    assert text.startswith(f"# {page.name[:4]}: ")
    assert len(text.splitlines()) <= 60
    assert f"({page.name})" in (DOCS / "decisions" / "index.md").read_text("utf-8")


def tree():
    """Return the paths of the README's tree."""
    block = next(f.text for f in fences() if f.page.name == "README.md" and "src/plaincode/" in f.text)
    found, above = [], ""
    for line in block.splitlines():
        name = line.split()[0]
        if line[0] != " ":
            above = name if name.endswith("/") else ""
            found.append(name)
        else:
            found.append(above + name)
    return found


def test_the_tree_of_the_readme_is_the_tree():
    named = tree()
    assert not [path for path in named if not (ROOT / path).exists()]
    source = ROOT / "src" / "plaincode"
    rooms = {
        p.name + ("/" if p.is_dir() else "")
        for p in source.iterdir()
        if not p.name.startswith(("_", ".")) and (p.suffix == ".py" or (p / "__init__.py").is_file())
    }
    assert rooms == {p.removeprefix("src/plaincode/") for p in named if p.startswith("src/plaincode/")} - {""}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def test_every_setting_is_on_its_page():
    page = (DOCS / "settings.md").read_text("utf-8")
    read = set(re.findall(r"PLAINCODE_[A-Z_]+", inspect.getsource(Settings)))
    assert read >= {"PLAINCODE_HOME", "PLAINCODE_CPT"}
    assert read == set(re.findall(r"^\| `(PLAINCODE_[A-Z_]+)`", page, re.MULTILINE))


def test_every_error_is_on_the_page_of_verbs():
    page = (DOCS / "verbs.md").read_text("utf-8")
    assert [name for name in errors.__all__ if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_no_page_promises_what_only_counsel_can_say(page):
    text = page.read_text("utf-8").lower()
    for said in ("licence-safe", "licence-free", "license-safe", "license-free", "ama-compliant"):
        assert said not in text
    assert not re.search(r"(?:/home/|/root/|/users/|/tmp/|/work/)", text)


def test_the_site_is_built_strictly_and_loads_nothing_from_another_host(tmp_path):
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-d",
        str(tmp_path),
    ]  # --quiet would hide warnings from --strict
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > len(PAGES) - 1
    outside = re.compile(
        r"<(?:script|img|iframe)\b[^>]*\bsrc=[\"']?(?:https?:)?//|<link\b[^>]*\bhref=[\"']?(?:https?:)?//"
    )
    for page in pages:
        whole = re.sub(r'<link rel="canonical"[^>]*>', "", page.read_text("utf-8"))
        assert not outside.search(whole), page.name
    for sheet in tmp_path.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", sheet.read_text("utf-8")), sheet.name
