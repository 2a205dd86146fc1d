"""What a parameter may be: lists written with commas, numbers within bounds."""

from __future__ import annotations

from collections.abc import Sequence

from plaincode.errors import BadRequest

__all__ = ["bounded", "many"]


def many(value: Sequence[str] | str | None) -> list[str]:
    """Return the parts of texts with commas, or of one such text."""
    if value is None:
        return []
    listed = [value] if isinstance(value, str) else list(value)
    return [part.strip() for item in listed for part in item.split(",") if part.strip()]


def bounded(value: int, low: int, high: int, name: str) -> int:
    """Return a number within two bounds, or raise BadRequest by the parameter's name."""
    if not low <= value <= high:
        raise BadRequest(f"{name} is {value}.", where=name, do=f"Give a number from {low} to {high}.")
    return value
