"""Our titles and the facts that set codes apart: read, checked, counted, and told apart in words.

The format is in `content/titles/README.md`.
"""

from plaincode.titles.check import check
from plaincode.titles.coverage import Coverage, coverage
from plaincode.titles.crosscheck import Contradiction, against, looked_at
from plaincode.titles.difference import AXES, difference
from plaincode.titles.licensed import RUN, Overlap, overlap
from plaincode.titles.read import KINDS, Ended, Fact, Family, Number, Source, TitleRow, Titles, read

__all__ = [
    "AXES",
    "KINDS",
    "RUN",
    "Contradiction",
    "Coverage",
    "Ended",
    "Fact",
    "Family",
    "Number",
    "Overlap",
    "Source",
    "TitleRow",
    "Titles",
    "against",
    "check",
    "coverage",
    "difference",
    "looked_at",
    "overlap",
    "read",
]
