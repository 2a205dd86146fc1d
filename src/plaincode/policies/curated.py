"""Curated policy records: one YAML file a policy, as `content/coverage/README.md` lays down.

`read` is strict: an unknown key, role or kind is a ContentError with file and line. The codes of a link
are expanded to full keys (`cpt4:62322`). A code or range that no list knows is kept where it is a code,
and reported: documents do name codes that have ended or never were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from plaincode.content import Known, Tree, codes, tree
from plaincode.errors import ContentError
from plaincode.model import Key, Policy, PolicyLink, Problem

__all__ = ["KINDS", "LINES", "ROLES", "Curated", "check", "read"]

ROLES = (
    "covered",
    "covered_if",
    "not_covered",
    "investigational",
    "prior_authorization",
    "related",
    "not_stated",
)
KINDS = (
    "NCD",
    "LCD",
    "article",
    "medical policy",
    "prior-authorization list",
    "billing rule",
    "review notice",
    "recovery audit topic",
)
# The first three are what the page counts by; the others are lines that are none of the three.
LINES = ("commercial", "Medicare", "Medicaid", "TRICARE", "workers' compensation")
LONGEST_QUOTE = 15

_REQUIRED = ("payer", "line_of_business", "title", "kind", "read_by", "links")
_OPTIONAL = ("number", "url", "document_date", "version", "retrieved", "jurisdiction", "status")
_LINK_OPTIONAL = (
    "condition",
    "section",
    "quote",
    "units",
    "place_of_service",
    "effective_from",
    "effective_to",
)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_CURRENT = re.compile(r"\bcurrent(ly)?\b", re.IGNORECASE)
_MARKED = re.compile(r"[?&]utm_|\s")


@dataclass(frozen=True, slots=True)
class Curated:
    """A policy record. `keys` are all codes that it names; `lines` are those of its links."""

    name: str
    policy: Policy
    keys: tuple[Key, ...]
    unknown: tuple[tuple[str, int], ...]
    lines: tuple[int, ...]


def read(path: Path, known: Known, *, name: str | None = None) -> Curated:
    """Read one policy record; `known` tells which codes exist. Raise ContentError with file and line."""
    name = name or path.name
    try:
        record = tree(path.read_bytes().decode("utf-8"), name)
    except UnicodeDecodeError:
        raise ContentError("The file is not UTF-8 text.", where=name) from None
    record.mapping(_REQUIRED, _OPTIONAL)
    _closed(record, KINDS, "kind")
    _closed(record, LINES, "line_of_business")
    _day(record, "document_date")
    if (retrieved := record.text("retrieved")) not in {None, "stored copy"}:
        _day(record, "retrieved")
    links: list[PolicyLink] = []
    keys: list[Key] = []
    unknown: list[tuple[str, int]] = []
    for number, _ in enumerate(record.items("links")):
        link, found, missing = _link(record, number, known)
        links.append(link)
        keys += [key for key in found if key not in keys]
        unknown += missing
    policy = Policy(
        payer=record.text("payer") or "",
        line_of_business=record.text("line_of_business") or "",
        number=record.text("number"),
        title=record.text("title") or "",
        kind=record.text("kind") or "",
        url=record.text("url"),
        status=record.text("status"),
        jurisdiction=record.texts("jurisdiction"),
        document_date=record.text("document_date"),
        version=record.text("version"),
        retrieved=retrieved,
        links=tuple(links),
        read_by=record.text("read_by"),
    )
    lines = tuple(record.line("links", number) for number in range(len(links)))
    return Curated(name, policy, tuple(keys), tuple(unknown), lines)


def _link(record: Tree, number: int, known: Known) -> tuple[PolicyLink, list[Key], list[tuple[str, int]]]:
    at = ("links", number)
    record.mapping(("codes", "role"), _LINK_OPTIONAL, *at)
    _closed(record, ROLES, *at, "role")
    if record.text(*at, "section") is None and record.text(*at, "quote") is None:
        raise ContentError("A link with neither section nor quote is not made.", where=record.where(*at))
    for field in ("effective_from", "effective_to"):
        _day(record, *at, field)
    keys: list[Key] = []
    unknown: list[tuple[str, int]] = []
    for place, entry in enumerate(record.texts(*at, "codes")):
        found, exists = codes(entry, known, where=record.where(*at, "codes", place))
        keys += [key for key in found if key not in keys]
        if not exists:
            unknown.append((entry, record.line(*at, "codes", place)))
    link = PolicyLink(
        codes=tuple(map(str, keys)),
        role=record.text(*at, "role") or "",
        condition=record.text(*at, "condition"),
        section=record.text(*at, "section"),
        quote=record.text(*at, "quote"),
        units=record.text(*at, "units"),
        place_of_service=record.text(*at, "place_of_service"),
        effective_from=record.text(*at, "effective_from"),
        effective_to=record.text(*at, "effective_to"),
    )
    return link, keys, unknown


def _closed(record: Tree, known: tuple[str, ...], *path: str | int) -> None:
    if record.text(*path) not in known:
        _fail(record, f"{path[-1]} is {record.text(*path)!r}. Known: {', '.join(known)}.", *path)


def _day(record: Tree, *path: str | int) -> None:
    value = record.text(*path)
    if value is not None and not _DATE.fullmatch(value):
        _fail(record, f"{path[-1]} is {value!r}, which is no date such as 2024-05-01.", *path)


def _fail(record: Tree, what: str, *path: str | int) -> NoReturn:
    raise ContentError(what, where=record.where(*path))


def check(record: Curated) -> list[Problem]:
    """Return what breaks a rule, by file and line; an empty list where all is well.

    Codes that no list knows are reported as kept: the document names them all the same.
    """
    found = [Problem(record.name, 1, column, what) for column, what in _whole(record.policy)]
    for link, line in zip(record.policy.links, record.lines, strict=True):
        found += [Problem(record.name, line, c, what) for c, what in _of_link(record.policy, link)]
    found += [
        Problem(record.name, line, "codes", f"No loaded list knows {entry}.", kept=True)
        for entry, line in record.unknown
    ]
    return found


def _whole(policy: Policy) -> Iterator[tuple[str, str]]:
    if not policy.links:
        yield "links", "The record links no code."
    if policy.url is not None and (
        not policy.url.startswith(("https://", "http://")) or _MARKED.search(policy.url)
    ):
        yield "url", "The address is not a plain web address."
    if policy.status is not None and _CURRENT.search(policy.status):
        yield "status", '"Current" is never said of a policy; write "as of" the document\'s date.'


def _of_link(policy: Policy, link: PolicyLink) -> Iterator[tuple[str, str]]:
    if not link.codes:
        yield "codes", "The link names no code that exists."
    if link.role == "covered_if" and link.condition is None:
        yield "condition", "The role covered_if has a condition."
    if link.condition is not None and _CURRENT.search(link.condition):
        yield "condition", '"Current" is never said of a policy; write "as of" the document\'s date.'
    words = len((link.quote or "").split())
    own = policy.payer.startswith("Medicare") and policy.line_of_business == "Medicare"
    if words > LONGEST_QUOTE and not own:
        yield "quote", f"The quote has {words} words; {LONGEST_QUOTE} is the most."
    if link.effective_from and link.effective_to and link.effective_to < link.effective_from:
        yield "effective_to", "It ends before it begins."
