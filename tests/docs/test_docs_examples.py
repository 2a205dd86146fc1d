"""Every example of the documentation that shows an answer gives that answer.

A block is run where the line above it says against which catalog: `<!-- run: small -->` (the one of the
tests) or `<!-- run: starter -->`. `...` in an answer stands for what differs between two runs.
"""

import asyncio
import doctest
import json
import re
import shlex

import httpx
import pytest
from docpages import ROOT, fences

from plaincode.catalog import open_catalog
from plaincode.cli import main
from plaincode.settings import Settings
from plaincode.web import application

LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
RUN = [fence for fence in fences() if fence.run]
_COUNT = re.compile(
    r"^\| (?P<name>[^|]+?) +\| (?P<codes>[\d,]+)[^|]*?(?:\((?P<billable>[\d,]+) billable\))? ", re.MULTILINE
)


def same(wanted: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(wanted, got, LOOSE)


@pytest.fixture
def home(request, monkeypatch):
    """The home that a block names, as the settings state it."""
    found = (
        request.getfixturevalue("starter")
        if request.param == "starter"
        else request.getfixturevalue("small").path
    )
    monkeypatch.setenv("PLAINCODE_HOME", str(found))
    return found


def marked(kind: str):
    blocks = [fence for fence in RUN if fence.kind == kind]
    assert blocks
    return pytest.mark.parametrize(
        ("home", "block"), [pytest.param(b.run, b, id=b.name) for b in blocks], indirect=["home"]
    )


@marked("pycon")
def test_a_python_example_gives_what_it_shows(home, block):
    test = doctest.DocTestParser().get_doctest(block.text, {}, block.name, block.name, block.line)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=LOOSE).run(test, out=said.append)
    opened = test.globs.get("catalog")
    if opened is not None:
        opened.close()
    assert result.failed == 0, "".join(said)
    assert result.attempted > 1


def commands(text: str):
    """Return (words of a command, the answer shown below it)."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)[1:]
    return [
        (shlex.split(said, comments=True), shown) for said, shown in zip(parts[::2], parts[1::2], strict=True)
    ]


async def fetched(home, address: str) -> str:
    app = application(Settings.read())
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return (await client.get(address)).text
    finally:
        await app.holder.close()


@marked("console")
def test_a_command_prints_what_is_shown(home, block, capsys):
    asked = commands(block.text)
    assert asked
    for words, shown in asked:
        if words[0] == "curl":
            assert json.loads(shown) == json.loads(asyncio.run(fetched(home, words[-1])))
        else:
            assert words[0] == "plaincode"
            capsys.readouterr()
            assert main(words[1:]) == 0
            printed = capsys.readouterr().out
            assert same(shown, printed), f"{block.name} shows\n{shown}\nand this is printed\n{printed}"


def test_no_example_with_an_answer_is_left_out():
    shown = [f.name for f in fences() if f.kind == "pycon" and not f.run]
    assert not shown


def test_the_counts_of_the_readme_are_those_of_the_starter(starter):
    page = (ROOT / "README.md").read_text("utf-8")
    table = page.split("<!-- counts: starter -->")[1].split("\n\n")[0]
    stated = {m["name"]: (m["codes"], m["billable"]) for m in _COUNT.finditer(table)}
    catalog = open_catalog(settings=Settings(home=starter, today="2026-11-23"))
    try:
        held = {s.name.replace(" (", ", ").rstrip(")"): s for s in catalog.systems().systems}
    finally:
        catalog.close()
    assert stated.keys() == held.keys()
    for name, (codes, billable) in stated.items():
        assert codes == f"{held[name].count:,}", name
        if billable:
            assert billable == f"{held[name].billable:,}", name
