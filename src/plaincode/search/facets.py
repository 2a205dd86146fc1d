"""Facets: one aggregation over the number of each combination, then plain arithmetic.

Each facet is counted under the other filters and not under its own, so that a reader sees what another
choice would give; the total is under all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from plaincode.model import FacetCount
from plaincode.search.index import Group

__all__ = ["SearchRequest", "allowed", "counts"]

_FACETS = ("system", "kind", "billable", "chapter", "family")
_NAMES: Mapping[bool | str | None, str] = {
    True: "true",
    False: "false",
    None: "unknown",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked.

    Empty filters let all pass; `billable` may be "unknown"; `active` true hides what is known to have
    ended, false shows only that; `chapter` and `family` are facet values. `page` counts from 1.
    """

    query: str
    systems: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    billable: bool | Literal["unknown"] | None = None
    active: bool | None = None
    chapter: str | None = None
    family: str | None = None
    limit: int = 20
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Tell whether any filter is set."""
        return bool(self.systems or self.kinds or self.chapter or self.family) or not (
            self.billable is None and self.active is None
        )


def _passes(group: Group, request: SearchRequest) -> tuple[bool, ...]:
    return (
        not request.systems or group.system in request.systems,
        not request.kinds or group.kind in request.kinds,
        request.billable is None or _NAMES[group.billable] == _NAMES[request.billable],
        not request.chapter or group.chapter == request.chapter,
        not request.family or group.family == request.family,
        request.active is None or (group.active is False) is not request.active,
    )


def allowed(groups: Sequence[Group], request: SearchRequest) -> list[int]:
    """Return the numbers of the combinations that pass every filter."""
    return [i for i, group in enumerate(groups) if all(_passes(group, request))]


def counts(
    groups: Sequence[Group], found: Mapping[int, int], request: SearchRequest
) -> tuple[int, dict[str, tuple[FacetCount, ...]]]:
    """Return the true total and the facets; `found` is how many hits each combination has."""
    filtered = request.filtered
    tallies: tuple[dict[str | None, int], ...] = ({}, {}, {}, {}, {})
    total = 0
    for number, count in found.items():
        group = groups[number]
        failed = [j for j, passed in enumerate(_passes(group, request)) if not passed] if filtered else ()
        if not failed:
            total += count
        elif len(failed) > 1:
            continue
        values = (group.system, group.kind, _NAMES[group.billable], group.chapter, group.family)
        for i, value in enumerate(values):
            if not failed or failed[0] == i:
                tally = tallies[i]
                tally[value] = tally.get(value, 0) + count
    tallies[3].pop(None, None)
    tallies[4].pop(None, None)
    return total, {
        name: tuple(FacetCount(str(v), n) for v, n in sorted(tally.items(), key=lambda x: (-x[1], str(x[0]))))
        for name, tally in zip(_FACETS, tallies, strict=True)
    }
