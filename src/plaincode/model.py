"""The nouns: what a snapshot holds and what a question is answered with.

Frozen and slotted; this module imports nothing of ours. Dates are ISO strings (`2026-04-01`) so that
they sort, print and travel unchanged; `None` means not known. Answers (Shown, SearchResult, Guide ...)
have the member names of the JSON that every door gives; `to_dict` is that JSON as builtins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, NamedTuple

ReleaseKind = Literal["edition", "number-list", "content"]
RELATION_KINDS = frozenset(
    {
        "is-a",
        "maps-to",
        "maps-approximately-to",
        "replaced-by",
        "groups-to",
        "excludes",
        "code-first",
        "use-additional",
    }
)
NOTE_KINDS = (
    "includes",
    "inclusion-term",
    "excludes1",
    "excludes2",
    "code-first",
    "use-additional",
    "code-also",
    "seventh-character",
    "note",
    "definition",
)


def to_dict(value: Any) -> Any:
    """Return dataclasses as dicts, tuples as lists, and the rest as it is."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_dict(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Key):
        return str(value)
    if isinstance(value, Mapping):
        return {k: to_dict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_dict(v) for v in value]
    return value


class Key(NamedTuple):
    """The address of a code, which outlives every edition; prints as `icd10cm:E11.9`."""

    system: str
    code: str

    def __str__(self) -> str:
        return f"{self.system}:{self.code}"


def is_grouping(code: str) -> bool:
    """Tell whether a code is a grouping of ours (`chapter-4`): no release mints a lower-case letter."""
    return code[:1].islower()


class Answer:
    """A noun that a door can give away."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON members as builtins."""
        out: dict[str, Any] = to_dict(self)
        return out


# ---------------------------------------------------------------- what a snapshot holds


@dataclass(frozen=True, slots=True)
class Note:
    """An official note. `codes` are the codes that its words name, as far as they exist."""

    kind: str
    text: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concept:
    """A code as one edition states it.

    `display` is the publisher's word or None where it may not be shown; `title` is ours and never
    travels without `title_status`. `kind` is chapter, block, category, diagnosis, section, table,
    procedure, group, modifier ... or, for CPT and HCPCS, the guide kind that our title states and
    `code` where there is none. `parents` are codes of the same system. `terms` are further names
    that search covers (inclusion terms, short titles, our own words). `facts` are the publisher's own
    columns, untouched, name -> value. `sets_apart` is (axis, value) pairs. `since` and `until` bound
    the facts (None: as old as the oldest edition loaded; still so in the newest).
    `sources` are the ids of the lists that know the number, where a system is a list of numbers.
    """

    system: str
    code: str
    display: str | None = None
    title: str | None = None
    title_status: str | None = None
    kind: str = "code"
    active: bool | None = True
    billable: bool | None = None
    parents: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    family: str | None = None
    sets_apart: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    title_source: str | None = None

    @property
    def key(self) -> Key:
        """Return the address of this code."""
        return Key(self.system, self.code)

    @property
    def name(self) -> str:
        """Return the words to call it by: the publisher's, else ours, else the number."""
        return self.display or self.title or self.code


@dataclass(frozen=True, slots=True)
class Relation:
    """A stated link from one code to another."""

    source: Key
    kind: str
    target: Key
    release: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A record withheld, or kept with a warning, while a release was read."""

    file: str
    line: int | None
    column: str | None
    what: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file that a release was read from. `source` says where it came from (package, address)."""

    name: str
    sha256: str
    bytes: int
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class Release:
    """Where an answer comes from: one edition of one system, or a list of numbers.

    `version` is the publisher's name for it (`FY2026`); `label` says it in full. `effective` and
    `until` bound the time it answers for. Both and `version` are None for a number list.
    """

    system: str
    version: str | None
    kind: ReleaseKind
    label: str
    published: str | None
    effective: str | None
    until: str | None
    source: str
    files: tuple[ReleaseFile, ...] = ()
    count: int = 0
    billable: int = 0
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the name of this release within a snapshot."""
        return f"{self.system}@{self.effective or self.version or 'numbers'}"


# ---------------------------------------------------------------- what a question is answered with


@dataclass(frozen=True, slots=True)
class ReleaseRef(Answer):
    """The provenance of an answer. `in_force` names the edition that the calendar says is in force."""

    system: str
    version: str | None
    kind: str
    label: str
    effective: str | None
    source: str
    stale: bool | None
    in_force: str | None


@dataclass(frozen=True, slots=True)
class Ref(Answer):
    """A code, by name."""

    system: str
    code: str
    display: str | None
    title: str | None
    title_status: str | None
    billable: bool | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class CountedRef(Answer):
    """A child in the browser; `count` is how many codes stand below it (itself not counted)."""

    system: str
    code: str
    display: str | None
    title: str | None
    title_status: str | None
    billable: bool | None
    active: bool | None
    count: int
    kind: str = "code"


@dataclass(frozen=True, slots=True)
class NoteRef(Answer):
    """An official note with the codes it names; `of` is the code it stands at."""

    kind: str
    text: str
    codes: tuple[Ref, ...]
    of: str


@dataclass(frozen=True, slots=True)
class Highlight(Answer):
    """Characters of a field that match the question: [start, end)."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit(Answer):
    """One found code; `why` is never empty."""

    system: str
    code: str
    display: str | None
    title: str | None
    title_status: str | None
    score: float
    why: tuple[str, ...]
    highlights: tuple[Highlight, ...]
    billable: bool | None
    active: bool | None
    kind: str = "code"
    modifiers: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetCount(Answer):
    """One value of a facet, and how many hits have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchResult(Answer):
    """What a search found. `looks_like` says what the query seems to be where we hold no such thing."""

    query: str
    total: int
    took_ms: float
    did_you_mean: str | None
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetCount, ...]]
    looks_like: str | None = None
    message: str | None = None
    limit: int = 20
    page: int = 1


@dataclass(frozen=True, slots=True)
class Shown(Answer):
    """A code's identity, place, notes and provenance."""

    system: str
    code: str
    display: str | None
    title: str | None
    title_status: str | None
    title_source: Mapping[str, str] | None
    kind: str
    billable: bool | None
    active: bool | None
    valid: Mapping[str, str | None]
    parents: tuple[Ref, ...]
    path: tuple[Ref, ...]
    children: tuple[Ref, ...]
    notes: tuple[NoteRef, ...]
    inherited_notes: tuple[NoteRef, ...]
    terms: tuple[str, ...]
    facts: Mapping[str, Any]
    family: str | None
    sets_apart: Mapping[str, str]
    sources: tuple[str, ...]
    replaced_by: tuple[Ref, ...]
    replaces: tuple[Ref, ...]
    modifiers: tuple[Ref, ...]
    message: str | None
    notice: str | None
    release: ReleaseRef


@dataclass(frozen=True, slots=True)
class Choices(Answer):
    """A bare code that several systems own, or a spelling that may have lost a zero."""

    choices: tuple[Ref, ...]
    modifiers: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Block(Answer):
    """A piece of a guide section: paragraph, list, steps or heading."""

    kind: str
    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section(Answer):
    """A section of a guide. `key` is the heading in snake case; `sources` are ids."""

    key: str
    heading: str
    text: str
    items: tuple[str, ...]
    sources: tuple[str, ...]
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class GuideSource(Answer):
    """A source that a guide names. `seen` says how its text was open to the writer."""

    id: str
    title: str
    publisher: str
    address: str
    seen: str


@dataclass(frozen=True, slots=True)
class Guide(Answer):
    """A guide to one code. `status` is written, composed, ended or none."""

    system: str
    code: str
    kind: str
    status: str
    badge: str | None
    title: str | None
    sections: tuple[Section, ...]
    not_known: tuple[str, ...]
    grade: Mapping[str, float] | None
    sources: tuple[GuideSource, ...]
    release: str
    checked: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyLink(Answer):
    """What one policy says of codes, where, in which words."""

    codes: tuple[str, ...]
    role: str
    condition: str | None
    section: str | None
    quote: str | None
    units: str | None
    place_of_service: str | None
    effective_from: str | None
    effective_to: str | None


@dataclass(frozen=True, slots=True)
class Policy(Answer):
    """A payer's policy as one dated document states it."""

    payer: str
    line_of_business: str
    number: str | None
    title: str
    kind: str
    url: str | None
    status: str | None
    jurisdiction: tuple[str, ...]
    document_date: str | None
    version: str | None
    retrieved: str | None
    links: tuple[PolicyLink, ...]
    read_by: str | None = None


@dataclass(frozen=True, slots=True)
class Policies(Answer):
    """The policies that name a code."""

    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class SimilarHit(Answer):
    """A code like another: why, and what differs."""

    system: str
    code: str
    display: str | None
    title: str | None
    title_status: str | None
    score: float
    why: tuple[str, ...]
    highlights: tuple[Highlight, ...]
    billable: bool | None
    active: bool | None
    reasons: tuple[str, ...]
    difference: str | None


@dataclass(frozen=True, slots=True)
class Similar(Answer):
    """The codes most like one code."""

    hits: tuple[SimilarHit, ...]


@dataclass(frozen=True, slots=True)
class Browse(Answer):
    """A place in a hierarchy: the path to it and what stands directly below."""

    at: Ref | None
    path: tuple[Ref, ...]
    children: tuple[CountedRef, ...]


@dataclass(frozen=True, slots=True)
class FamilyRef(Answer):
    """A family of ours; `count` is how many titled numbers stand in it and below."""

    slug: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class FamilyRow(Answer):
    """A code of a family; `values` are what sets it apart, one for each axis, null where not stated."""

    system: str
    code: str
    display: str | None
    title: str | None
    title_status: str | None
    billable: bool | None
    active: bool | None
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Families(Answer):
    """A family: the path to it, families below, what all its codes share, and its codes by axis."""

    at: FamilyRef | None
    path: tuple[FamilyRef, ...]
    families: tuple[FamilyRef, ...]
    shared: dict[str, str]
    axes: tuple[str, ...]
    codes: tuple[FamilyRow, ...]


@dataclass(frozen=True, slots=True)
class SystemInfo(Answer):
    """A code system as this snapshot holds it."""

    id: str
    name: str
    url: str
    omop: str
    publisher: str
    home: str
    licence: str
    notice: str | None
    count: int
    billable: int
    release: ReleaseRef
    releases: tuple[ReleaseRef, ...]
    loading: str


@dataclass(frozen=True, slots=True)
class Systems(Answer):
    """Every code system of a snapshot."""

    systems: tuple[SystemInfo, ...]
