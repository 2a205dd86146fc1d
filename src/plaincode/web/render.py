"""Templates, compiled once, and the words that pages use: addresses, labels, names, statuses."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plaincode.model import is_grouping
from plaincode.systems import SYSTEMS

__all__ = [
    "Named",
    "address",
    "environment",
    "escape",
    "label_of",
    "name_of",
    "query",
    "segment",
    "status_words",
    "words",
]

HERE = Path(__file__).parent
_BARE = re.compile(r"[A-Za-z0-9._-]+").fullmatch

# What stands beside a title of ours, wherever the title is shown (page.md).
TITLE_STATUS: Mapping[str, str] = {
    "source-checked": "source-checked",
    "ai-agreed": "AI-written; two AI writers agreed; no source read",
}

# The role of a code in a policy, in the words of the page.
ROLES: Mapping[str, str] = {
    "covered": "Covered",
    "covered_if": "Covered if criteria are met",
    "not_covered": "Not covered",
    "investigational": "Investigational",
    "prior_authorization": "Prior authorization",
    "related": "Related only",
    "not_stated": "Role not stated",
}


class Named(Protocol):
    """Anything that a person can be shown by name: Ref, Hit, Shown, CountedRef, SimilarHit."""

    @property
    def system(self) -> str: ...  # noqa: D102
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def display(self) -> str | None: ...  # noqa: D102
    @property
    def title(self) -> str | None: ...  # noqa: D102
    @property
    def title_status(self) -> str | None: ...  # noqa: D102
    @property
    def billable(self) -> bool | None: ...  # noqa: D102
    @property
    def active(self) -> bool | None: ...  # noqa: D102


def environment() -> Environment:
    """Return the templates, compiled, with the pieces that they use."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        cache_size=-1,
    )
    made.globals |= {
        "address": address,
        "label_of": label_of,
        "name_of": name_of,
        "status_words": status_words,
    }
    made.globals["grouping"] = is_grouping
    made.filters |= {"role": role, "words": words, "count": lambda n: f"{n:,}"}
    return made


_SPECIAL = re.compile(r"[&<>\"']").search


def escape(text: str) -> str:
    """Return a text for HTML; most have nothing to escape, and that is told six times as fast."""
    return html.escape(text) if _SPECIAL(text) else text


def segment(code: str) -> str:
    """Return a code as a segment of an address; nearly every code is one as it stands."""
    return code if _BARE(code) else quote(code, safe="")


def address(system: str, code: str) -> str:
    """Return the stable address of a code's page."""
    return f"/codes/{system}/{segment(code)}"


def query(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return an address with a query; without pairs the bare path."""
    tail = urlencode(list(pairs))
    return f"{path}?{tail}" if tail else path


def label_of(system: str) -> str:
    """Return what a page calls a code of a system: `CPT4 code`."""
    found = SYSTEMS.get(system)
    return found.label if found else f"{system} code"


def name_of(item: Named) -> str:
    """Return the words to call a code by: the publisher's, else ours, else that there are none."""
    return item.display or item.title or "No words loaded for this number"


def status_words(status: str | None) -> str:
    """Return what a title's status means, in words."""
    return TITLE_STATUS.get(status or "", status or "")


def role(value: str) -> str:
    """Return the role of a code in a policy in the words of the page."""
    return ROLES.get(value, words(value))


def words(value: Any) -> str:
    """Return an identifier as words: `prior-authorization` -> `Prior authorization`."""
    text = str(value).replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]
