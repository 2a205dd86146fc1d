"""Code systems: one module each, found by its `SYSTEM`.

>>> sorted(SYSTEMS)[:3]
['cpt4', 'drg', 'hcpcs']
"""

from __future__ import annotations

import importlib
import pkgutil

from plaincode.systems.seam import Claim, Document, Edition, File, Licence, Record, System

__all__ = [
    "SYSTEMS",
    "Claim",
    "Document",
    "Edition",
    "File",
    "Licence",
    "Record",
    "System",
    "by_name",
    "discover",
]


def discover(path: list[str] | None = None, package: str = __name__) -> dict[str, System]:
    """Return every `SYSTEM` of the modules in a package, by id, in the order they want to be shown."""
    found = []
    for module in pkgutil.iter_modules(path or __path__):
        system = getattr(importlib.import_module(f"{package}.{module.name}"), "SYSTEM", None)
        if isinstance(system, System):
            found.append(system)
    return {s.id: s for s in sorted(found, key=lambda s: (s.order, s.id))}


SYSTEMS = discover()
_NAMES: dict[str, str] = {}


def _fold(name: str) -> str:
    return "".join(ch for ch in name.lower() if ch.isalnum())


def by_name(name: str) -> System | None:
    """Return the system that a person calls `name`: id, OMOP id, FHIR URL, title or alias."""
    if name in SYSTEMS:
        return SYSTEMS[name]
    if not _NAMES:
        for system in SYSTEMS.values():
            for alias in (system.id, system.omop, system.url, system.name, *system.aliases):
                _NAMES[_fold(alias)] = system.id
    found = _NAMES.get(_fold(name))
    return SYSTEMS[found] if found else None
