"""What can be asked, said once. Every door is made from this table and gives the same answer.

A verb is data: its name, its parameters, its place under /api/v1, and one plain function of a catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from plaincode.errors import BadRequest

if TYPE_CHECKING:  # the table alone is light, so that `plaincode --help` is quick
    from plaincode.catalog import Catalog
    from plaincode.model import Answer

__all__ = ["VERBS", "Param", "Verb", "parse", "verb"]

ParamKind = Literal["text", "flag", "state", "int", "date", "many"]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter.

    `kind`: text, flag (true or false), state (true, false or unknown), int, date (ISO), many (repeats,
    commas).
    """

    name: str
    kind: ParamKind
    help: str
    required: bool = False
    where: Literal["path", "query"] = "query"


@dataclass(frozen=True, slots=True)
class Verb:
    """One question: `rest` is its path under /api/v1, with {system} and {code} for a key."""

    name: str
    summary: str
    params: tuple[Param, ...]
    rest: str
    run: Callable[..., Answer]


_KEY = Param(
    "key", "text", "a code, with its system or without: icd10cm:E11.9, 62282, 'CPT4 62282'", True, "path"
)
_ON = Param("on", "date", "answer for this day, such as 2021-09-30")


def _search(catalog: Catalog, **asked: Any) -> Answer:
    query = asked.pop("query")
    return catalog.search(query, **{k: v for k, v in asked.items() if v is not None})


def _browse(catalog: Catalog, at: str | None = None, on: str | None = None) -> Answer:
    return catalog.browse(at, on=on)


def _policies(catalog: Catalog, key: str) -> Answer:
    return catalog.policies(key)


def _similar(catalog: Catalog, key: str, limit: int | None = None) -> Answer:
    return catalog.similar(key) if limit is None else catalog.similar(key, limit=limit)


VERBS: tuple[Verb, ...] = (
    Verb(
        "search",
        "Search all medical codes: codes in any spelling, words, abbreviations, typos.",
        (
            Param("query", "text", "what to look for", True),
            Param("system", "many", "only these code systems"),
            Param("kind", "many", "only these kinds (diagnosis, procedure, modifier ...)"),
            Param("billable", "state", "only billable codes, only headers, or where it is not known"),
            Param("active", "flag", "leave out what is known to have ended, or show only that"),
            Param("chapter", "text", "only this chapter, as the facets name it"),
            Param("family", "text", "only this family of CPT and HCPCS numbers, as the facets name it"),
            Param("limit", "int", "hits on a page, 20 unless said, 200 at most"),
            Param("page", "int", "which page, from 1"),
        ),
        "/search",
        _search,
    ),
    Verb(
        "show",
        "Show a code: its words, place, notes, validity and where that comes from.",
        (_KEY, _ON),
        "/codes/{system}/{code}",
        lambda catalog, key, on=None: catalog.show(key, on=on),
    ),
    Verb(
        "guide",
        "The plain-language guide to a code, with its sources and what is not known.",
        (_KEY, _ON),
        "/codes/{system}/{code}/guide",
        lambda catalog, key, on=None: catalog.guide(key, on=on),
    ),
    Verb(
        "policies",
        "The health plans' policies that name a code: role, condition, words and version.",
        (_KEY,),
        "/codes/{system}/{code}/policies",
        _policies,
    ),
    Verb(
        "similar",
        "The codes most like a code, each with the reason and the difference.",
        (_KEY, Param("limit", "int", "how many at most, 10 unless said")),
        "/codes/{system}/{code}/similar",
        _similar,
    ),
    Verb(
        "browse",
        "What stands directly below a code system or a code.",
        (Param("at", "text", "a code system or a code; nothing for all systems", where="path"), _ON),
        "/browse",
        _browse,
    ),
    Verb(
        "families",
        "Our families of CPT and HCPCS numbers: what stands below one, and its codes side by side.",
        (Param("at", "text", "a family; nothing for the families at the top", where="path"),),
        "/families",
        lambda catalog, at=None: catalog.families(at),
    ),
    Verb(
        "systems",
        "Every loaded code system: publisher, licence, counts, edition.",
        (),
        "/systems",
        lambda catalog: catalog.systems(),
    ),
)


def verb(name: str) -> Verb:
    """Return a verb by name; raise BadRequest for any other."""
    for known in VERBS:
        if known.name == name:
            return known
    raise BadRequest(f"{name[:40]!r} is no verb.", do=f"Ask for {', '.join(v.name for v in VERBS)}.")


def parse(param: Param, texts: list[str]) -> Any:
    """Return the value of a parameter as a door received it; raise BadRequest for one that is none."""
    if param.kind == "many":
        return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
    text = texts[-1].strip() if param.kind != "text" else texts[-1]
    if param.kind == "int":
        try:
            return int(text)
        except ValueError:
            raise BadRequest(
                f"{param.name} is {text[:40]!r}, which is no whole number.",
                where=param.name,
                do="Give a number such as 20.",
            ) from None
    if param.kind == "state" and text.lower() == "unknown":
        return "unknown"
    if param.kind in {"flag", "state"}:
        value = _FLAGS.get(text.lower())
        if value is None:
            raise BadRequest(
                f"{param.name} is {text[:40]!r}.",
                where=param.name,
                do=f"Set it to true{', false or unknown' if param.kind == 'state' else ' or false'}.",
            )
        return value
    return text


_FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on", ""), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
