"""Guides: kinds and their sections; written ones read, graded and checked; composed ones from facts."""

from plaincode.guides.check import check
from plaincode.guides.compose import Ending, Neighbour, compose, status_of, what_makes_different
from plaincode.guides.grade import Grade, grade
from plaincode.guides.kinds import HEADINGS, headings, kind_of, slug
from plaincode.guides.library import faults
from plaincode.guides.read import GuideFile, read, render

__all__ = [
    "HEADINGS",
    "Ending",
    "Grade",
    "GuideFile",
    "Neighbour",
    "check",
    "compose",
    "faults",
    "grade",
    "headings",
    "kind_of",
    "read",
    "render",
    "slug",
    "status_of",
    "what_makes_different",
]
