"""What the known figures of a CPT or HCPCS number mean, in words: follow-up days, parts, add-on, day added.

The figures are Medicare's, as `facts.csv` states them: a value and, in brackets, the list it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["FIGURES", "figures"]

_STATED = re.compile(r"(?s)(.+) \(([^()]+)\)")
_SHOWN = 6  # primary codes named in a sentence; some add-ons stand beside hundreds
_FOLLOW_UP: Mapping[str, str] = {
    "000": "Medicare's price for it covers care on the same day only",
    "010": "Medicare's price for it covers 10 days of follow-up care",
    "090": "Medicare's price for it covers 90 days of follow-up care",
    "MMM": "Medicare counts it as maternity care, which has its own rules on follow-up",
    "ZZZ": "it is billed beside another service, whose follow-up days hold",
}
FIGURES = ("global_days", "professional_technical", "add_on_to", "added")


def figures(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each known figure, with the list that states it."""
    for name in FIGURES:
        stated = _STATED.fullmatch(str(facts.get(name) or ""))
        if stated is None:
            continue
        value, edition = stated.groups()
        if name == "global_days":
            said = _FOLLOW_UP.get(value, "")
        elif name == "professional_technical":
            said = "it may be billed in two parts, the doctor's work (modifier 26) and the rest (modifier TC)"
        elif name == "add_on_to":
            codes = value.split()
            more = f" and {len(codes) - _SHOWN:,} more" if len(codes) > _SHOWN else ""
            said = f"it is billed only beside {', '.join(codes[:_SHOWN])}{more}"
        else:
            said = f"the number was added on {value}"
        if said:
            yield f"{said[:1].upper()}{said[1:]} ({edition})."
