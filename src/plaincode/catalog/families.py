"""Our families of CPT and HCPCS numbers: the tree with counts, and a family's codes as a table of axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from plaincode.errors import NotFound
from plaincode.model import Concept, Families, FamilyRef, FamilyRow, Key
from plaincode.store import Store

__all__ = ["families", "family_names"]

TREE = "family-tree"
TOP = ""  # the name of the document that holds the families without a parent
_plain = msgspec.msgpack.Decoder().decode


def family_names(store: Store, slug: str) -> tuple[str, ...]:
    """Return the name of a family and of those above it, the top first; its slug where it is not held."""
    body = store.document(TREE, slug)
    if body is None:
        return (slug,)
    held = _plain(body)
    return (*(above["name"] for above in held["path"]), held["name"])


def families(
    store: Store, slug: str, allowed: Callable[[str], bool], display: Callable[[Concept], str | None]
) -> Families:
    """Return a family: the way to it, the families below with counts, and its own codes with their axes.

    `allowed` tells whether a system may be shown. Raises NotFound for a family that is not there.
    """
    body = store.document(TREE, slug)
    if body is None:
        raise NotFound(
            f"There is no family {slug[:60]!r}.",
            where="at",
            do="Ask without one to see those at the top.",
        )
    held: Mapping[str, Any] = _plain(body)

    def ref(entry: Mapping[str, Any]) -> FamilyRef:
        counts = {s: n for s, n in entry["counts"].items() if allowed(s)}
        return FamilyRef(entry["slug"], entry["name"], sum(counts.values()))

    below = tuple(r for r in map(ref, held["families"]) if r.count)
    found = (store.get(Key(*key)) for key in map(tuple, held["codes"]) if allowed(key[0]))
    concepts = [c for c in found if c is not None]
    apart = [dict(c.sets_apart) for c in concepts]
    axes = tuple(axis for axis in held["axes"] if any(axis in a for a in apart))
    shared = {
        axis: apart[0][axis]
        for axis in axes
        if len(apart) > 1 and axis in apart[0] and all(a.get(axis) == apart[0][axis] for a in apart)
    }
    across = tuple(axis for axis in axes if axis not in shared)
    rows = tuple(
        FamilyRow(
            c.system,
            c.code,
            display(c),
            c.title,
            c.title_status,
            c.billable,
            c.active,
            tuple(dict(c.sets_apart).get(axis) for axis in across),
        )
        for c in concepts
    )
    at = ref(held) if slug != TOP else None
    return Families(at, tuple(map(ref, held["path"])), below, shared, across, rows)
