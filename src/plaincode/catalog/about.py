"""A code system as a snapshot holds it: publisher, licence, counts, releases."""

from __future__ import annotations

from collections.abc import Mapping

from plaincode.catalog.editions import Editions
from plaincode.model import SystemInfo
from plaincode.systems import SYSTEMS

__all__ = ["about"]


def about(system_id: str, editions: Editions, counts: Mapping[str, Mapping[str, int]]) -> SystemInfo:
    """Return what a snapshot holds of a system; `counts` are the manifest's, by system."""
    system = SYSTEMS[system_id]
    newest = editions.newest(system_id)
    counted = counts.get(system_id, {})
    return SystemInfo(
        id=system.id,
        name=system.name,
        url=system.url,
        omop=system.omop,
        publisher=system.publisher,
        home=system.home,
        licence=system.licence.text,
        notice=system.licence.notice,
        count=counted.get("codes", newest.count if newest else 0),
        billable=counted.get("billable", newest.billable if newest else 0),
        release=editions.ref(newest, system_id),
        releases=tuple(editions.ref(r, system_id) for r in editions.of(system_id)),
        loading=system.loading,
    )
