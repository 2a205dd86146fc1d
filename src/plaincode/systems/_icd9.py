"""ICD-9-CM as CMS published it: one file of long and one of short titles for each of its two parts.

`CMS32_DESC_LONG_DX.txt`: number without its dot in columns 1-5, a space, the title (procedures: columns
1-4). The version stands in the file's name only. Billing with ICD-9-CM ended on 30 September 2015, so
every code has ended. The files list codes, no chapters: the groupings above them are made by number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from plaincode.errors import Refused
from plaincode.model import Concept, Problem
from plaincode.rows import lines
from plaincode.systems.seam import Claim, Edition, File, Record

__all__ = ["LAST_DAY", "calendar", "read_titles", "recognise_titles"]

LAST_DAY = "2015-09-30"
_NAME = re.compile(r"CMS([0-9]{2})_DESC_(LONG|SHORT)_(DX|SG)\.txt$", re.IGNORECASE)


def _edition(version: int) -> Edition:
    """Return a version: version 32 is fiscal year 2015."""
    year = version + 1983
    return Edition(
        version=f"version {version}",
        label=f"ICD-9-CM version {version}",
        effective=f"{year - 1}-10-01",
        until=f"{year}-09-30",
    )


def calendar(on: date) -> Edition | None:
    """Return the version in force on a day; None after the last day of billing with ICD-9-CM."""
    if on.isoformat() > LAST_DAY or on.year < 2008:
        return None
    return _edition(on.year + (on.month >= 10) - 1983)


def recognise_titles(file: File, part: str, row: re.Pattern[str]) -> Claim | None:
    """Return the claim of a title file of one part (`DX` or `SG`), by name and first rows."""
    found = _NAME.search(file.name) or _NAME.search(file.member or "")
    if not found or found[3].upper() != part:
        return None
    head = file.head(2048).decode("latin-1").splitlines()[:5]
    if 2 * sum(row.fullmatch(text) is not None for text in head) <= len(head):
        return None
    kind = found[2].lower()
    return Claim(f"cms-{kind}-{part.lower()}", _edition(int(found[1])), part=kind == "short")


def read_titles(
    system: str,
    files: Sequence[tuple[File, Claim]],
    row: re.Pattern[str],
    dotted: Callable[[str], str | None],
    above: Callable[[str], tuple[str, ...]],
    kind: str,
) -> Iterator[Record]:
    """Yield the codes of one part, long titles joined with short ones, and the groupings above them."""
    long: dict[str, tuple[str, int]] = {}
    short: dict[str, str] = {}
    main = ""
    for file, claim in files:
        titles = claim.layout.startswith("cms-long")
        main = file.name if titles else main
        with file.open() as stream:
            for number, text in lines(stream, encoding="latin-1", name=file.name):
                if not text.strip():
                    continue
                found = row.fullmatch(text)
                code = dotted(found[1].strip()) if found else None
                if not found or not code:
                    yield Problem(file.name, number, "code", "Not a number, a space and a title.")
                elif code in (long if titles else short):
                    yield Problem(file.name, number, "code", f"{code} stands twice.")
                elif titles:
                    long[code] = (found[2].strip(), number)
                else:
                    short[code] = found[2].strip()
    if not main:
        raise Refused(
            "The short titles alone are not enough.",
            where=", ".join(file.name for file, _ in files),
            do="Load the file of long titles (CMS..._DESC_LONG_...) beside it.",
        )
    groups: dict[str, tuple[str, ...]] = {}
    for code, (title, number) in long.items():
        if short and code not in short:
            yield Problem(main, number, "title", f"{code} has no short title.", kept=True)
        brief = short.get(code)
        path = above(code)
        for depth, name in enumerate(path):
            groups.setdefault(name, path[depth + 1 : depth + 2])
        yield Concept(
            system,
            code,
            display=title,
            kind=kind,
            active=False,
            billable=True,
            parents=path[:1],
            terms=(brief,) if brief and brief != title else (),
            facts={"short_title": brief} if brief else {},
            until=LAST_DAY,
        )
    for code in short.keys() - long.keys():
        yield Problem(main, None, "title", f"{code} has a short title and no long one.")
    for name, parents in groups.items():
        yield Concept(
            system,
            name,
            title=f"Numbers that begin with {name.removeprefix('range-')}",
            title_status="arranged by number",
            kind="range",
            active=False,
            billable=False,
            parents=parents,
            until=LAST_DAY,
        )
