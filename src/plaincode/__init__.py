"""plaincode: every medical code in plain words.

    import plaincode

    catalog = plaincode.open()
    catalog["icd10cm:E11.9"].display
    catalog.search("heart attack").hits[0].code
    catalog.show("62282").to_dict()

A catalog may be used from many threads. `open` reads the snapshot in use, or the one at a path.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from plaincode.catalog import Catalog
    from plaincode.errors import BadRequest, EditionNotLoaded, NoCatalog, NotFound, PlaincodeError
    from plaincode.model import Concept, Key

__all__ = [
    "BadRequest",
    "Catalog",
    "Concept",
    "EditionNotLoaded",
    "Key",
    "NoCatalog",
    "NotFound",
    "PlaincodeError",
    "__version__",
    "open",
]
# Names come from their rooms when first asked for, so that `plaincode --help` need not load them.
_ROOMS = {
    "Catalog": "plaincode.catalog",
    "Concept": "plaincode.model",
    "Key": "plaincode.model",
    **dict.fromkeys(
        ("BadRequest", "EditionNotLoaded", "NoCatalog", "NotFound", "PlaincodeError"), "plaincode.errors"
    ),
}


def open(path: Path | str | None = None) -> Catalog:  # noqa: A001 - the name a reader expects
    """Open the snapshot in use, or the one at `path`; raise NoCatalog where none has been built."""
    catalog: Catalog = importlib.import_module("plaincode.catalog").open_catalog(path)
    return catalog


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'plaincode' has no attribute {name!r}")
    return getattr(importlib.import_module(_ROOMS[name]), name)
