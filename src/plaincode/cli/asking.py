"""One verb on the command line: ask the catalog, print JSON or text for people."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import msgspec

from plaincode.catalog import open_catalog
from plaincode.cli.terminal import show_answer
from plaincode.errors import DamagedCatalog
from plaincode.model import SearchResult
from plaincode.verbs import Verb

__all__ = ["answer"]


def answer(verb: Verb, values: dict[str, Any], *, as_json: bool) -> int:
    """Run a verb and print its answer; return 1 for a search that found nothing, else 0."""
    catalog = open_catalog()
    try:
        found = verb.run(catalog, **values)
        if as_json:
            sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
            sys.stdout.flush()
        else:
            show_answer(verb.name, found)
    except (sqlite3.DatabaseError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedCatalog(
            f"The snapshot cannot be read: {error}.",
            where=catalog.id,
            do="Run `plaincode doctor`, then `plaincode build`.",
        ) from None
    finally:
        catalog.close()
    return 1 if isinstance(found, SearchResult) and not found.total else 0
