"""The command line: a door made from the verb table, and the chores beside it.

Exit codes: 0 found, 1 not found, 2 bad use, 3 failed. Nothing heavy is imported until a command runs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from plaincode import __version__
from plaincode.errors import BadRequest, PlaincodeError
from plaincode.verbs import VERBS, Param, Verb, parse

__all__ = ["main"]

_FOUND = 0
_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence and exit 2."""

    def error(self, message: str) -> NoReturn:
        message = message.partition(" (choose from")[0]  # the list stands in the help, which is named
        raise BadRequest(
            f"{message[:1].upper()}{message[1:]}.", where=self.prog, do=f"See `{self.prog} --help`."
        )


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    top = _Parser(
        prog="plaincode",
        description="Every medical code in plain words, with the policies that govern it and the codes "
        "most like it.",
        epilog="Exit codes: 0 found, 1 not found, 2 bad use, 3 failed.",
    )
    top.add_argument("--version", action="version", version=f"plaincode {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for verb in VERBS:
        _add_verb(commands, verb)
    build = commands.add_parser("build", help="Build the catalog: the starter, or with official files.")
    build.add_argument(
        "--from",
        dest="paths",
        nargs="+",
        default=[],
        metavar="PATH",
        action="extend",
        help="official release files, folders or zips; an edition given goes before the starter's same one",
    )
    build.add_argument("--no-starter", action="store_true", help="read the given files only")
    build.add_argument("--json", action="store_true", help="print the outcome as JSON")
    serve = commands.add_parser("serve", help="Run the site and the API on a loopback address.")
    serve.add_argument("--host", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (8622); 0 takes a free one")
    serve.add_argument("--build", action="store_true", help="build the starter first where there is none")
    for name, text in (
        ("status", "Which snapshot is in use, and what it holds."),
        ("doctor", "Check the installation and the snapshot, and say what to do."),
    ):
        chore = commands.add_parser(name, help=text)
        chore.add_argument("--json", action="store_true", help="print JSON")
    chore = commands.add_parser("titles", help="Check or count our own titles.")
    chore.add_argument("what", choices=["check", "coverage"], help="check the rules, or count what is titled")
    chore.add_argument("--against", metavar="FOLDER", help="check also against CMS's lists in a folder")
    chore.add_argument("--licensed", metavar="FILE", help="report overlap with official words that you hold")
    chore.add_argument("--json", action="store_true", help="print JSON")
    chore = commands.add_parser("guides", help="Check our written guides (`plaincode guides check`).")
    chore.add_argument("what", choices=["check"])
    chore.add_argument("--json", action="store_true", help="print JSON")
    return top


def _add_verb(commands: Any, verb: Verb) -> None:
    sub = commands.add_parser(verb.name, help=verb.summary, description=verb.summary)
    for param in verb.params:
        if param.name in {"key", "query"}:
            sub.add_argument(param.name, nargs="+", help=param.help, metavar=param.name.upper())
        elif param.name == "at":
            metavar = "FAMILY" if verb.name == "families" else "SYSTEM|KEY"
            sub.add_argument(param.name, nargs="*", help=param.help, metavar=metavar)
        else:
            _add_option(sub, param)
    sub.add_argument("--json", action="store_true", help="print JSON, the same as every other door")


def _add_option(sub: argparse.ArgumentParser, param: Param) -> None:
    flag = f"--{param.name}"
    if param.kind == "many":
        sub.add_argument(flag, action="append", help=param.help, metavar=param.name.upper())
    elif param.kind in {"flag", "state"}:
        takes = "true|false" if param.kind == "flag" else "true|false|unknown"
        sub.add_argument(flag, nargs="?", const="true", help=param.help, metavar=takes)
    else:
        sub.add_argument(flag, help=param.help, metavar=param.name.upper())


def _values(verb: Verb, asked: argparse.Namespace) -> dict[str, Any]:
    """Return the verb's parameters from the parsed words."""
    values: dict[str, Any] = {}
    for param in verb.params:
        given = getattr(asked, param.name)
        if given is None or given == []:
            continue
        if param.name in {"key", "query", "at"}:
            values[param.name] = " ".join(given)
        else:
            values[param.name] = parse(param, given if isinstance(given, list) else [given])
    return values


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    # bytes that are no text come as surrogates, which can be neither looked up nor printed
    words = [w.encode("utf-8", "replace").decode() for w in (sys.argv[1:] if argv is None else argv)]
    as_json = "--json" in words
    try:
        # `-query words` such as "-25" or "--" belong to argparse; a minus inside quotes does not
        asked = parser().parse_args(words)
        return _run(asked)
    except PlaincodeError as error:
        return _fail(error, as_json=as_json)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FOUND
    except OSError as error:
        from plaincode.errors import Failed

        return _fail(Failed(f"{error.strerror or error}.", where=str(error.filename or "")), as_json=as_json)


def _fail(error: PlaincodeError, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(error.to_dict(), ensure_ascii=False))
    else:
        from plaincode.cli.terminal import complain

        complain(error)
    return error.exit_code


def _run(asked: argparse.Namespace) -> int:
    if asked.command == "guide" and asked.key in (["check"], ["coverage"]):  # no code is called so
        from plaincode.cli import ours

        return ours.guide(asked.key[0], as_json=asked.json)
    for verb in VERBS:
        if asked.command == verb.name:
            from plaincode.cli import asking

            return asking.answer(verb, _values(verb, asked), as_json=asked.json)
    if asked.command in {"titles", "guides"}:
        from plaincode.cli import ours

        return ours.run(asked)
    from plaincode.cli import chores

    return chores.run(asked)
