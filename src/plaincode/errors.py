"""What plaincode raises on purpose.

PlaincodeError                 anything below; carries what, where, do
├── NotFound                   no such code, page or system
│   └── EditionNotLoaded       the date lies outside every loaded edition
├── BadRequest                 the question cannot be understood
│   └── TooLarge               the question is longer than a door takes
├── CatalogError               the snapshot cannot be used
│   ├── NoCatalog              none has been built yet
│   └── DamagedCatalog         a manifest or file that is not what it should be
├── Refused                    a release file is not in the publisher's layout
├── ContentError               a file in content/ breaks its format (file and line)
└── Failed                     something outside went wrong (disk, network)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "BadRequest",
    "CatalogError",
    "ContentError",
    "DamagedCatalog",
    "EditionNotLoaded",
    "Failed",
    "NoCatalog",
    "NotFound",
    "PlaincodeError",
    "Refused",
    "TooLarge",
]


class PlaincodeError(Exception):
    """One clear sentence: what is wrong, where, and what to do.

    `more` holds members that a door adds beside the four (`nearest`, `ancestor`, `looks_like`).
    """

    error = "failed"
    exit_code = 3
    http_status = 500

    def __init__(
        self, what: str, *, where: str = "", do: str = "", more: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do
        self.more: Mapping[str, Any] = dict(more or {})

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        do = f" {self.do}" if self.do else ""
        return f"{self.what}{where}{do}"

    def to_dict(self) -> dict[str, Any]:
        """Return the error as every door shows it."""
        return {"error": self.error, "what": self.what, "where": self.where, "do": self.do} | dict(self.more)


class NotFound(PlaincodeError):
    """No such code, page or system."""

    error = "not_found"
    exit_code = 1
    http_status = 404


class EditionNotLoaded(NotFound):
    """The date lies outside every loaded edition: neither valid nor invalid."""

    error = "edition_not_loaded"


class BadRequest(PlaincodeError):
    """The question cannot be understood."""

    error = "bad_request"
    exit_code = 2
    http_status = 400


class TooLarge(BadRequest):
    """The question is longer than a door takes."""

    error = "too_large"
    http_status = 413


class CatalogError(PlaincodeError):
    """The snapshot cannot be used."""

    error = "damaged_catalog"
    http_status = 503


class NoCatalog(CatalogError):
    """No snapshot has been built yet."""

    error = "no_catalog"


class DamagedCatalog(CatalogError):
    """A manifest or a file of the snapshot is not what it should be."""


class Refused(PlaincodeError):
    """A release file is not in the publisher's layout, or holds too many bad records."""


class ContentError(PlaincodeError):
    """A file in content/ breaks its format."""


class Failed(PlaincodeError):
    """Something outside plaincode went wrong."""
