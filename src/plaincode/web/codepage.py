"""A code's page, put together in the order of design: identity, guide, policies, similar codes, the rest.

One page serves a patient and a coder: the summary stands first, facts stand in a quiet column. A block
with nothing loaded says so in one sentence. Every block has an address of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from plaincode.model import (
    Choices,
    Key,
    NoteRef,
    Policies,
    Policy,
    PolicyLink,
    Ref,
    ReleaseRef,
    Shown,
    is_grouping,
)
from plaincode.systems import SYSTEMS
from plaincode.web.guideblock import guide_block
from plaincode.web.lists import code_list, crumbs, definitions, note_lists, safe, similar_list
from plaincode.web.render import address, escape, name_of, query, words

if TYPE_CHECKING:
    from plaincode.catalog import Catalog
    from plaincode.web.reply import Ask

__all__ = ["SECTIONS", "code_context", "edition_line", "notices", "status_line"]

# id, heading in the page's own navigation
SECTIONS = (
    ("guide", "Guide"),
    ("policies", "Policies"),
    ("similar", "Similar codes"),
    ("crosswalks", "Crosswalks"),
    ("claim-facts", "Claim facts"),
    ("notes", "Official notes"),
    ("history", "History"),
    ("build", "For people who build"),
)
_JUMP = safe(f'<li><a href="#{place}">{text}</a></li>' for place, text in SECTIONS)
NOTE_HEADINGS: Mapping[str, str] = {
    "definition": "Definition",
    "includes": "Includes",
    "inclusion-term": "Also filed here (inclusion terms)",
    "excludes1": "Excludes 1: not coded together with this code",
    "excludes2": "Excludes 2: not part of this code; both may be coded",
    "code-first": "Code first",
    "use-additional": "Use additional code",
    "code-also": "Code also",
    "seventh-character": "Seventh characters",
    "note": "Notes",
}
# Facts that say in which group a code falls, apart from those that a claim turns on.
GROUPS = frozenset({"spending_group", "rbcs", "rbcs_year", "betos", "betos_year", "ccsr", "hcc"})
FACT_NAMES: Mapping[str, str] = {
    "spending_group": "Medicare spending group",
    "rbcs": "RBCS code (Medicare's classes for spending studies)",
    "rbcs_year": "RBCS year",
    "betos": "BETOS code (Medicare's older classes for spending studies)",
    "betos_year": "BETOS year",
    "mdc": "Major diagnostic category (MDC)",
    "geometric_mean_los": "Length of stay, geometric mean, days",
    "arithmetic_mean_los": "Length of stay, average, days",
    "weight": "Relative weight (as paid: a yearly fall is held to 10 percent)",
    "weight_before_cap": "Relative weight before that limit",
    "post_acute": "Early transfer to further care lowers the payment",
    "special_pay": "Special payment rule for such transfers",
    "type": "Surgical or medical group",
    "global_days": "Follow-up days in Medicare's price",
    "professional_technical": "Billed in two parts (modifiers)",
    "add_on_to": "Billed beside",
    "added": "Number added on",
    "noc": "Not otherwise classified",
}
FACT_VALUES = {("type", "SURG"): "surgical", ("type", "MED"): "medical"}
AXIS_FACTS = frozenset({"axes", "axis_names", "axes_edition"})
APART = GROUPS | AXIS_FACTS
AXES = ("Section", "Body system", "Root operation", "Body part", "Approach", "Device", "Qualifier")
LISTS = 12  # list ids named in the quiet column
CHILDREN = 60  # rows on the page of a code; the rest is one link away
FILTERS = ("payer", "line", "state", "role", "since")


def notices(systems: Iterable[str]) -> list[str]:
    """Return the notices that the licences of some systems ask for, each once."""
    found = (SYSTEMS[s].licence.notice for s in sorted(set(systems)) if s in SYSTEMS)
    return list(dict.fromkeys(n for n in found if n))


def status_line(shown: Shown) -> list[tuple[str, str]]:
    """Return the status as (class, words) pairs: ended, billable, header, not known."""
    out: list[tuple[str, str]] = []
    if shown.active is False:
        last = shown.valid.get("to")
        out.append(("ended", f"Ended on {last}" if last else "Ended; the day is not known"))
    if shown.kind == "group":
        out.append(("plain", "Payment group: worked out from the codes of a hospital stay"))
    elif shown.billable is True:
        out.append(("good", "Billable" if shown.active is not False else "Was billable"))
    elif shown.billable is False:
        out.append(("plain", "Header: bill a code below it"))
    elif shown.active is not False:
        out.append(("plain", "Billable: not known"))
    if shown.active is None:
        out.append(("plain", "Still in use: not known"))
    return out


def edition_line(release: ReleaseRef) -> str:
    """Return which edition answers, and whether the calendar says that a newer one is in force."""
    if release.kind == "number-list":
        return "We hold the number, not an edition."
    if release.stale and release.in_force:
        return f"{release.label}; {release.in_force} is in force and is not loaded."
    return f"{release.label}."


def inherited(notes: Sequence[NoteRef], path: Sequence[Ref]) -> list[tuple[str, Markup]]:
    """Return the notes of the codes above as (where they stand, lists), the nearest code first."""
    by_place: dict[str, list[NoteRef]] = {}
    for note in notes:
        by_place.setdefault(note.of, []).append(note)
    names = {r.code: name_of(r) for r in path}
    return [
        (names.get(place, place) if is_grouping(place) else f"{place} {names.get(place, '')}".strip(), lists)
        for place, lists in ((p, note_lists(found, NOTE_HEADINGS)) for p, found in reversed(by_place.items()))
    ]


def fact_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the publisher's columns as (name, value), both as words; empty ones are left out."""
    rows = []
    for name, value in facts.items():
        if value is None or value in ("", [], ()):
            continue
        if isinstance(value, bool):
            text = "yes" if value else "no"
        elif isinstance(value, list | tuple):
            text = ", ".join(str(v) for v in value)
        elif isinstance(value, Mapping):
            text = "; ".join(f"{words(k)}: {v}" for k, v in value.items())
        else:
            text = FACT_VALUES.get((name, str(value)), str(value))
        named = words(name) if name.islower() or "_" in name else name
        rows.append((FACT_NAMES.get(name, named), text))
    return rows


def axis_rows(shown: Shown) -> Markup | None:
    """Return a table row for each character of an ICD-10-PCS code with axis words; None without words."""
    said = shown.facts.get("axes")
    if not said or len(said) != len(shown.code):
        return None
    names = shown.facts.get("axis_names") or AXES
    return safe(
        f'<tr><th scope="row"><a href="/tables/icd10pcs{"/" if n else ""}{shown.code[:n]}">'
        f'<code>{value}</code><span class="sr">: other values of {escape(names[n])}</span></a></th>'
        f"<td>{escape(names[n])}</td><td>{escape(said[n] or 'no words loaded')}</td></tr>"
        for n, value in enumerate(shown.code)
    )


def _plain(text: str) -> str:
    return text.replace("-", " ").replace("_", " ").lower()


def prior_authorization(policies: Iterable[Policy]) -> list[tuple[str, str, str, str | None]]:
    """Return (payer, line of business, answer, date of the list) for each payer that names this code.

    "Not on the list we read" is said only where a payer's list names the code in another role (taken off
    it, not covered): only policies that name the code are given, so that a list without it cannot be told
    from a list that nobody has read.
    """
    answers: dict[tuple[str, str], tuple[str, str | None]] = {}
    for policy in sorted(policies, key=lambda p: p.document_date or ""):  # a later list has the last word
        place = (policy.payer, policy.line_of_business)
        answers.setdefault(place, ("not known", None))
        asked = [link for link in policy.links if link.role == "prior_authorization"]
        if asked:
            where = ", ".join(dict.fromkeys(link.place_of_service for link in asked if link.place_of_service))
            answer = "prior authorization needed" + (f" (place of service {where})" if where else "")
            answers[place] = (answer, policy.document_date)
        elif policy.kind == "prior-authorization list":
            answers[place] = ("not on the list we read", policy.document_date)
    return [(payer, line, answer, day) for (payer, line), (answer, day) in sorted(answers.items())]


def _keeps(policy: Policy, chosen: Mapping[str, str]) -> bool:
    fits = {
        "payer": policy.payer == chosen["payer"],
        "line": policy.line_of_business == chosen["line"],
        "state": chosen["state"] in policy.jurisdiction,
        "role": any(link.role == chosen["role"] for link in policy.links),
        "since": (policy.document_date or "") >= chosen["since"],
    }
    return all(fits[name] for name in FILTERS if chosen[name])


def glance(shown: Shown) -> list[tuple[str, str]]:
    """Return the quiet column's facts that are plain text: validity, what sets it apart, provenance."""
    since, until = shown.valid.get("from"), shown.valid.get("to")
    rows = [("Kind", words(shown.kind)), ("Status", "; ".join(text for _, text in status_line(shown)))]
    rows.append(("Edition", shown.message or edition_line(shown.release)))
    if since or until:
        rows.append(("Valid", f"from {since or 'a day not known'}" + (f" to {until}" if until else "")))
    rows += [(words(axis), value) for axis, value in shown.sets_apart.items()]
    if shown.title_source:
        named = (shown.title_source.get(n) for n in ("title", "publisher"))
        rows.append(("Source of our title", ". ".join(n for n in named if n)))
    if shown.sources:
        more = len(shown.sources) - LISTS
        listed = ", ".join(shown.sources[:LISTS]) + (f" and {more} more" if more > 0 else "")
        rows.append(("Lists that know the number", listed))
    rows.append(("Read from", shown.release.source or "not loaded"))
    return rows


def policy_block(policies: Policies, ask: Ask, system: str, code: str) -> dict[str, Any]:
    """Return what the policies' part of the page shows, after the filters of the address."""
    everything = policies.policies
    chosen = {name: ask.one(name)[:200] for name in FILTERS}
    kept = [p for p in everything if _keeps(p, chosen)]
    return {
        "total": len(everything),
        "kept": [(f"policy-{n}", p, [_link_lines(x) for x in p.links]) for n, p in enumerate(kept, 1)],
        "chosen": chosen,
        "filtered": any(chosen.values()),
        "prior": prior_authorization(everything),
        "payers": sorted({p.payer for p in everything}),
        "lines": sorted({p.line_of_business for p in everything}),
        "states": sorted({place for p in everything for place in p.jurisdiction}),
        "roles": sorted({link.role for p in everything for link in p.links}),
        "json": f"/api/v1{address(system, code)}/policies",
    }


def _condition(text: str | None) -> list[tuple[bool, str]]:
    """Return a condition by line, each with whether it is a criterion to tick off."""
    lines = (line.strip() for line in (text or "").splitlines())
    return [(line.startswith("- "), line.removeprefix("- ")) for line in lines if line]


def _link_lines(link: PolicyLink) -> dict[str, Any]:
    rows = [
        ("Place of service", link.place_of_service),
        ("Units", link.units),
        ("Effective from", link.effective_from),
        ("Effective to", link.effective_to),
    ]
    others = len(link.codes) - 1
    scope = f"for this code and {others} more" if others > 0 else "for this code"
    return {
        "link": link,
        "scope": scope,
        "rows": [(name, value) for name, value in rows if value],
        "condition": _condition(link.condition),
    }


def code_context(catalog: Catalog, ask: Ask, key: Key, shown: Shown, on: str | None) -> dict[str, Any]:
    """Return everything that the template of a code's page needs."""
    view = catalog.on(on) if on else catalog
    guide, policies, similar = view.guide(key), catalog.policies(key), view.similar(key)
    # `show` found one code, so none of these can offer a choice; said here for the type checker.
    if isinstance(guide, Choices) or isinstance(policies, Choices) or isinstance(similar, Choices):
        raise TypeError("a key that names one code for show names one code for every verb")
    system = SYSTEMS[shown.system]
    here = address(shown.system, shown.code)
    shown_systems = {shown.system, *(h.system for h in similar.hits), *(r.system for r in shown.replaced_by)}
    return {
        "shown": shown,
        "system": system,
        "name": name_of(shown),
        # what an ended code was called tells of its past; the heading above its policies names the number
        "policies_for": name_of(shown)
        if (shown.display or shown.title) and shown.active is not False
        else f"{system.label} {shown.code}",
        "has_words": bool(shown.display or shown.title),
        "here": here,
        "canonical": here,
        "dated": on,
        "states": status_line(shown),
        "edition": shown.message or edition_line(shown.release),
        "stale": bool(shown.release.stale),
        "numbers_only": shown.release.kind == "number-list",
        "crumbs": crumbs(shown.path),
        "children": code_list(shown.children[:CHILDREN]) if shown.children else "",
        "more_children": max(0, len(shown.children) - CHILDREN),
        "notes": note_lists(shown.notes, NOTE_HEADINGS),
        "inherited": inherited(shown.inherited_notes, shown.path),
        "facts": definitions(
            fact_rows({k: v for k, v in shown.facts.items() if k not in GROUPS and k not in AXIS_FACTS})
        ),
        "groups": definitions(fact_rows({k: v for k, v in shown.facts.items() if k in GROUPS})),
        "axes": axis_rows(shown),
        "policies": policy_block(policies, ask, shown.system, shown.code),
        "similar": similar_list(similar.hits, shown.system) if similar.hits else "",
        "glance": definitions(glance(shown)),
        "jump": _JUMP,
        "notices": notices(shown_systems),
        "family": catalog.family_name(shown.family) if shown.family else None,
        "editions": (editions := catalog.editions(shown.system)),
        "changes": catalog.history(key) if editions > 1 else (),
        "report": _report(ask, shown),
    } | guide_block(guide)


def _report(ask: Ask, shown: Shown) -> dict[str, str | None]:
    text = (
        f"Error report for {shown.system}:{shown.code} on plaincode ({shown.release.label}, "
        f"snapshot {ask.catalog.id}). What is wrong: … How I know: …"
    )
    url = ask.site.report_url
    joined = None
    if url:
        head, mark, tail = url.partition("?")
        joined = query(head, [("code", f"{shown.system}:{shown.code}")]) + (f"&{tail}" if mark else "")
    return {"text": text, "url": joined}
