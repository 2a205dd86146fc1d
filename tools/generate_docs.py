"""Write the generated pages of docs/ from the code: code-systems.md, verbs.md, the tables of licences.md.

    python tools/generate_docs.py            write them
    python tools/generate_docs.py --check    exit 1 where one is not up to date

Nothing here depends on the day, the machine or a snapshot.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import inspect
import re
import sys
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from plaincode import errors
from plaincode.catalog import Catalog
from plaincode.cli import parser
from plaincode.errors import PlaincodeError
from plaincode.fetch import PACKAGES
from plaincode.model import Choices
from plaincode.systems import SYSTEMS, System
from plaincode.verbs import VERBS, Param, Verb
from plaincode.web.openapi import ANSWERS
from plaincode.web.rest import API, HERE, REST_NAMES, routes

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
NOTE = "<!-- Written by tools/generate_docs.py; change the code it reads, not this page. -->"
PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "null"}


def cell(text: str) -> str:
    """Return text that may stand in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(map(cell, row)) + " |" for row in rows]


# ---------------------------------------------------------------- code systems


def code_systems() -> str:
    """Return the page of code systems."""
    out = [
        "# Code systems",
        "",
        NOTE,
        "",
        (
            "Every system is one module of `src/plaincode/systems/` and is described here as the module "
            "states it. How many codes your catalog holds, and of which edition, is said by `plaincode "
            "systems` and `plaincode status`. To add one, see [Add a code system](add-a-code-system.md)."
        ),
        "",
        *table(
            ("system", "id", "publisher", "words"),
            [(f"[{s.name}](#{s.id})", f"`{s.id}`", s.publisher, s.licence.name) for s in SYSTEMS.values()],
        ),
    ]
    for system in SYSTEMS.values():
        out += ["", f"## {system.name} {{#{system.id}}}", "", *_system(system)]
    return "\n".join(out) + "\n"


def _system(system: System) -> list[str]:
    rows = [
        ("id", f"`{system.id}`"),
        ("OMOP vocabulary", f"`{system.omop}`"),
        ("FHIR URL", f"`{system.url}`"),
        ("also understood", ", ".join(f"`{a}`" for a in system.aliases) or "none"),
        ("a page calls it", system.label),
        ("publisher", system.publisher),
        ("home", f"<{system.home}>"),
        ("how a code is spelled", f"`{system.syntax}`"),
        ("licence", f"{system.licence.name}. {system.licence.text}"),
        ("to load the official words", system.loading),
    ]
    if system.size:
        sizes = "; ".join(f"{label}: {count:,}" for label, count in system.size.items())
        rows.append(("codes that must be read (another number is refused)", sizes))
    if system.starter:
        held: dict[str, list[str]] = {}
        for package, path, _ in system.starter:
            held.setdefault(package, []).append(path.rsplit("/", 1)[-1])
        found = "; ".join(
            f"{PACKAGES[p].pin}: {', '.join(f'`{n}`' for n in names)}" for p, names in held.items()
        )
        rows.append(("the starter reads", found))
    return [f"- **{name}**: {said}" for name, said in rows]


# ---------------------------------------------------------------- verbs


def verbs() -> str:
    """Return the page of verbs: every door, every answer, every error."""
    out = [
        "# Verbs: what can be asked",
        "",
        NOTE,
        "",
        (
            "One table in `src/plaincode/verbs.py` says what can be asked. The command line, the REST "
            "interface and Python are made from it and give the same answer: `--json`, the body of a "
            "response and `to_dict()` have the same members. Names stay; members may be added."
        ),
        "",
        *table(("verb", "asks for"), [(f"[`{v.name}`](#{v.name})", v.summary) for v in VERBS]),
        "",
        (
            "A KEY is a code with its system (`icd10cm:E11.9`, `CPT4 62282`) or alone (`62282`). A code "
            "that several systems own (`470`) is answered with the [choices](#shape-choices), never with "
            "a silent pick. A code as bills print it (`99213-25`) is found, with its modifier beside it."
        ),
    ]
    for verb in VERBS:
        out += ["", f"## {verb.name}", "", *_verb(verb)]
    out += ["", "## Further addresses of the REST interface", "", *_addresses()]
    out += ["", "## Chores of the command line", "", *_chores()]
    out += ["", "## Exit codes and errors", "", *_errors()]
    out += ["", "## Shapes", "", *_shapes()]
    return "\n".join(out) + "\n"


def _verb(verb: Verb) -> list[str]:
    method = getattr(Catalog, verb.name)
    signature = str(inspect.signature(method)).replace("self, ", "").replace("(self)", "()")
    signature = re.sub(r"\bplaincode\.\w+\.|[\"']", "", signature.split(" -> ")[0]).replace(" | ", " or ")
    path = API + verb.rest
    out = [
        verb.summary,
        "",
        *table(
            ("door", "how"),
            [
                ("command line", f"`plaincode {verb.name}{_usage(verb)}`"),
                ("REST", f"`GET {path}{_query(verb)}`"),
                ("Python", f"`catalog.{verb.name}{signature}`"),
                ("answer", shape(ANSWERS[verb.name])),
            ],
        ),
    ]
    if verb.params:
        rows = [
            (f"`{p.name}`", _kind(p), p.help + (" (required)" if p.required else "")) for p in verb.params
        ]
        out += ["", *table(("parameter", "is", "meaning"), rows)]
    return out


def _kind(param: Param) -> str:
    return {
        "text": "text",
        "flag": "true or false",
        "state": "true, false or unknown",
        "int": "whole number",
        "date": "date",
        "many": "text, may be given several times, or with commas",
    }[param.kind]


def _usage(verb: Verb) -> str:
    words = []
    for param in verb.params:
        if param.name in {"key", "query"}:
            words.append(param.name.upper())
        elif param.name == "at":
            words.append("[SYSTEM or KEY]")
        else:
            words.append(f"[--{param.name}{'' if param.kind == 'flag' else ' ' + param.name.upper()}]")
    return "".join(f" {word}" for word in [*words, "[--json]"])


def _query(verb: Verb) -> str:
    names = [REST_NAMES.get(p.name, p.name) for p in verb.params if p.name not in HERE]
    return "?" + "&".join(f"{name}=" for name in names) if names else ""


def _addresses() -> list[str]:
    known = {API + v.rest for v in VERBS}
    rows = [(f"`{method} {path}`", summary) for method, path, summary, _ in routes() if path not in known]
    rows += [
        (f"`GET {API}/health`", "The process lives."),
        (f"`GET {API}/ready`", "There is a catalog to answer from."),
        ("`GET /openapi.json`", "The description of all of it (OpenAPI 3.1)."),
    ]
    return table(("address", "answers"), sorted(rows, key=lambda r: r[0].split(" ", 1)[1]))


def _chores() -> list[str]:
    # argparse lists its commands nowhere in public
    top: Any = parser()
    chosen = top._subparsers._group_actions[0]  # noqa: SLF001
    rows = []
    asked = {v.name for v in VERBS}
    helps = {a.dest: a.help or "" for a in chosen._choices_actions}  # noqa: SLF001
    for name, sub in chosen.choices.items():
        if name in asked:
            continue
        options = []
        for action in sub._actions:  # noqa: SLF001
            if action.dest == "help":
                continue
            said = action.help or ", ".join(action.choices or ())
            options.append(f"`{', '.join(action.option_strings) or action.dest}` {said}")
        rows.append((f"`plaincode {name}`", helps[name], "; ".join(options)))
    return table(("command", "does", "options"), rows)


def _errors() -> list[str]:
    kinds = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, PlaincodeError)]
    rows = [
        (
            f"`{kind.__name__}`",
            f"`{kind.error}`",
            str(kind.exit_code),
            str(kind.http_status),
            (kind.__doc__ or "").split("\n")[0],
        )
        for kind in kinds
    ]
    return [
        (
            "The command line ends with 0 (found), 1 (not found), 2 (bad use) or 3 (failed). A search "
            "without a hit ends with 1 and still prints its answer. Choices end with 0, and over HTTP "
            "with 300."
        ),
        "",
        (
            "Every error has the members `error`, `what`, `where` and `do`: under `--json`, in the body "
            "of a response (`application/problem+json`), and as attributes of the exception in Python. A "
            "code that is not found may bring `ancestor`, `nearest` or `looks_like` beside them."
        ),
        "",
        *table(("in Python", "`error`", "exit code", "HTTP", "when"), rows),
    ]


# ---------------------------------------------------------------- shapes


def _shapes() -> list[str]:
    out = [
        (
            "Members of the JSON of every answer, read from the classes in `src/plaincode/model.py`. "
            "`display` is the publisher's word or null; `title` is ours or null, and never travels "
            "without `title_status`. `active` is true, false or null (not known)."
        ),
    ]
    for kind in _nouns():
        said = " ".join((kind.__doc__ or "").split())
        hints = typing.get_type_hints(kind)
        rows = [(f"`{f.name}`", shape(hints[f.name])) for f in fields(kind)]
        out += [
            "",
            f"### {kind.__name__} {{#shape-{kind.__name__.lower()}}}",
            "",
            said,
            "",
            *table(("member", "is"), rows),
        ]
    return out


def _nouns() -> list[type[Any]]:
    """Return the classes of all answers, and of what they hold, each once."""
    found: list[type[Any]] = []
    waiting = [*ANSWERS.values(), Choices]
    while waiting:
        kind = waiting.pop(0)
        if kind in found:
            continue
        found.append(kind)
        for hint in typing.get_type_hints(kind).values():
            waiting += [k for k in _within(hint) if isinstance(k, type) and is_dataclass(k)]
    return found


def _within(hint: Any) -> Iterator[Any]:
    yield hint
    for part in typing.get_args(hint):
        yield from _within(part)


def shape(hint: Any) -> str:
    """Return a type as the JSON that it becomes, in words."""
    if hint in PLAIN:
        return PLAIN[hint]
    if hint is Any:
        return "any value"
    if is_dataclass(hint) and isinstance(hint, type):
        return f"[{hint.__name__}](#shape-{hint.__name__.lower()})"
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(shape(arg) for arg in args)
    if origin is tuple:
        return f"list of {shape(args[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"object: name → {shape(args[1])}"
    raise TypeError(f"no words for {hint}")


# ---------------------------------------------------------------- licences


def licences(page: str) -> str:
    """Return the page of licences with its three tables written anew."""
    for name, lines in (("systems", _owners()), ("packages", _packages()), ("dependencies", _dependencies())):
        head, mark, rest = page.partition(f"<!-- generated: {name} -->\n")
        _, end, tail = rest.partition("<!-- end -->")
        if not mark or not end:
            raise SystemExit(f"docs/licences.md has no place for {name}.")
        page = "".join((head, mark, *(f"{line}\n" for line in lines), end, tail))
    return page


def _owners() -> list[str]:
    rows = [
        (
            f"[{s.name}](code-systems.md#{s.id})",
            f"{s.licence.name}. {s.licence.text}",
            "yes, where loaded" if s.licence.show else "no",
            "yes" if s.licence.export else "no",
            s.licence.notice or "none",
        )
        for s in SYSTEMS.values()
    ]
    return table(("system", "licence", "words shown", "words exported", "notice on every page"), rows)


def _packages() -> list[str]:
    rows = [(f"`{p.pin}`", p.what, p.licence) for p in PACKAGES.values()]
    return table(("package", "what is read", "licence"), rows)


def _dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [Requirement(r).name for r in project["dependencies"]]
    tools = [Requirement(r).name for r in project["optional-dependencies"]["dev"]]
    run = _closure(needed)
    rows = [(f"`{name}`", _licence(name), "plaincode at work") for name in run]
    rows += [
        (f"`{n}`", _licence(n), "tests and checks") for n in sorted(tools, key=str.lower) if n not in run
    ]
    return table(("package", "licence, as its metadata states it", "needed for"), rows)


def _closure(names: list[str]) -> list[str]:
    """Return packages and all that they need here, sorted."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for text in importlib.metadata.requires(name) or ():
            needs = Requirement(text)
            if needs.marker is None or needs.marker.evaluate({"extra": ""}):
                waiting.append(needs.name)
    return sorted(found)


def _licence(name: str) -> str:
    said: Any = importlib.metadata.metadata(name)
    stated = said.get("License-Expression") or ""
    listed = [c.rsplit(" :: ", 1)[-1] for c in said.get_all("Classifier") or () if c.startswith("License ::")]
    short = (said.get("License") or "").strip().split("\n")[0]
    if stated or (short and len(short) < 60 and short != "UNKNOWN"):
        return str(stated or short)
    return " or ".join(listed) or "not stated"


# ---------------------------------------------------------------- writing


def pages() -> dict[Path, str]:
    """Return every generated page by path."""
    held = DOCS / "licences.md"
    return {
        DOCS / "code-systems.md": code_systems(),
        DOCS / "verbs.md": verbs(),
        held: licences(held.read_text("utf-8")),
    }


def main() -> int:
    """Write the pages, or check them."""
    asked = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    asked.add_argument("--check", action="store_true", help="write nothing; exit 1 where one is old")
    check = asked.parse_args().check
    old = [p for p, text in pages().items() if not p.is_file() or p.read_text("utf-8") != text]
    for path in old:
        print(f"{path.name} is not up to date" if check else f"wrote {path.name}")
        if not check:
            path.write_text(pages()[path], "utf-8")
    return int(check and bool(old))


if __name__ == "__main__":
    sys.exit(main())
