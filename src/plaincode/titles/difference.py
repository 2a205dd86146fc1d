"""The closed list of axes, and how two codes differ in them, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

__all__ = ["AXES", "SetsApart", "difference"]

SetsApart = Sequence[tuple[str, str]]

# Axis -> the words for a code that states no value on it, beside one that does.
AXES: Mapping[str, str] = MappingProxyType(
    {
        "action": "no action named",
        "purpose": "no purpose named",
        "substance": "no substance named",
        "technique": "no technique named",
        "approach": "no way in named",
        "organ": "no organ named",
        "region": "no body region named",
        "space": "no space named",
        "laterality": "no side named",
        "guidance": "no word on imaging guidance",
        "contrast": "no word on contrast",
        "views": "no number of views named",
        "device": "no device named",
        "component": "no part of the service named",
        "count": "no count named",
        "size": "no size named",
        "stage": "no stage named",
        "role": "no role named",
        "unit": "no unit named",
        "complexity": "no level named",
        "time": "no time named",
        "setting": "no setting named",
        "patient_status": "no kind of patient named",
        "age": "no age named",
        "add_on": "billed on its own",
    }
)


def difference(here: SetsApart, there: SetsApart) -> str | None:
    """Return how the second code differs from the first, in words; None where nothing is stated.

    On the page of a lumbar code beside a cervical one: `difference(lumbar, cervical)` is "neck or upper
    back instead of lower back or tailbone area". Swapping the codes swaps the words. A code without any
    stated fact is compared with nothing.
    """
    if not here or not there:
        return None
    mine, theirs = dict(here), dict(there)
    parts = [
        _step(axis, mine.get(axis), theirs.get(axis)) for axis in AXES if mine.get(axis) != theirs.get(axis)
    ]
    return "; ".join(parts) or None


def _step(axis: str, mine: str | None, theirs: str | None) -> str:
    if axis == "add_on":  # a code without the axis is no add-on: the README says so
        return "billed only beside another code" if theirs else AXES[axis]
    if theirs is None:
        return AXES[axis]
    lead = "billing unit: " if axis == "unit" else ""
    return lead + _worded(axis, theirs) + (f" instead of {_worded(axis, mine)}" if mine else "")


def _worded(axis: str, value: str) -> str:
    if axis == "views" and value.isdigit():
        return f"{value} view" if value == "1" else f"{value} views"
    if axis == "complexity" and value.isdigit():
        return f"level {value}"
    if axis == "age" and value[0].isdigit():
        return f"age {value}"
    return value
