"""A guide about made-up codes, whole and right, that tests break in one place each."""

import pytest

from plaincode.guides import read
from plaincode.guides.kinds import headings
from plaincode.model import Key

LEFT, RIGHT = Key("cpt4", "10001"), Key("cpt4", "10002")
FRONT = """---
title: Wash of the widget
kind: procedure
codes: ["10001-10002"]
written: 2026-11-23
sources:
  - {id: one, title: On washing, publisher: A house, address: "https://example.org/1", seen: a stored copy}
supports:
"""
READING = """second_reading:
  date: 2026-11-24
  reader: second AI reader
  sections:
"""
BODY = {
    "Name of the Procedure": """Wash of the widget.

::: only 10001
It is on the left side.
:::

::: only 10002
It is on the right side.
:::
""",
    "Procedure Description": """1. You lie down.
2. The nurse cleans **your** skin
   with soap.

::: only 10001
3. The nurse turns you to the left side.
:::

### Equipment

- Soap.

::: only 10002
- A stool.
:::
""",
    "Recovery": "You rest.\n\nCall 911 if you cannot breathe.\n",
}


def text(**changes):
    """Return the whole file; `reading` and `supports` may be left out, sections replaced by heading."""
    sections = BODY | changes.get("sections", {})
    order = changes.get("order", headings("procedure"))
    front = changes.get("front", FRONT)
    if changes.get("supports", True):
        for heading in order:
            front += f"  - {{section: {heading}, source: one, fact: It says so.}}\n"
    if changes.get("reading", True):
        front += READING + "".join(f"    {heading}: supported\n" for heading in order)
    body = "".join(
        f"## {heading}\n\n{sections.get(heading, 'You can ask the nurse.')}\n\n"
        f"Sources: {changes.get('sources', 'one')}\n\n"
        for heading in order
    )
    return f"{front}---\n\n{body}{changes.get('tail', '')}"


def known(system, first, last):
    return [c for c in ("10001", "10002") if system == "cpt4" and first <= c <= last]


@pytest.fixture
def guide(tmp_path):
    """Return a maker of guide files from the changes of `text`, or from a whole text."""

    def make(whole=None, **changes):
        path = tmp_path / "washing.md"
        path.write_text(whole if whole is not None else text(**changes), encoding="utf-8")
        return read(path, known)

    make.text = text
    return make
