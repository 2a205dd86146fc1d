"""Answers as text for people at a terminal. Plain when piped; colours only where they help."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from plaincode.errors import PlaincodeError
from plaincode.model import (
    Answer,
    Browse,
    Choices,
    CountedRef,
    Families,
    FamilyRow,
    Guide,
    Hit,
    Policies,
    Ref,
    SearchResult,
    Shown,
    Similar,
    SimilarHit,
    Systems,
)

__all__ = ["complain", "say", "show_answer"]

_out = Console(highlight=False, soft_wrap=False)
_err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Print one line."""
    _out.print(text, markup=False)


def complain(error: PlaincodeError) -> None:
    """Print what is wrong, where, and what to do."""
    _err.print(Text(error.what, style="bold red"))
    if error.where:
        _err.print(Text(f"  where: {error.where}"))
    if error.do:
        _err.print(Text(f"  do:    {error.do}"))
    for name in ("ancestor", "nearest", "choices"):
        value = error.more.get(name)
        if value:
            listed = value if isinstance(value, str) else ", ".join(map(str, value))
            _err.print(Text(f"  {name}: {listed}"))


def name_of(ref: Ref | CountedRef | FamilyRow | Hit | SimilarHit | Shown) -> str:
    """Return the words of a code and whose they are."""
    if ref.display:
        return ref.display
    if ref.title:
        return f"{ref.title} [our words: {ref.title_status}]"
    return "(official words not loaded)"


def _marks(billable: bool | None, active: bool | None) -> str:
    marks = []
    if active is False:
        marks.append("ended")
    if billable is False:
        marks.append("header")
    return f" [{', '.join(marks)}]" if marks else ""


def show_answer(verb: str, answer: Answer) -> None:
    """Print an answer."""
    printers = {
        SearchResult: _search,
        Shown: _shown,
        Choices: _choices,
        Guide: _guide,
        Policies: _policies,
        Similar: _similar,
        Browse: _browse,
        Systems: _systems,
        Families: _families,
    }
    printer = printers.get(type(answer))
    if printer is None:
        raise TypeError(f"no text for {verb}: {type(answer).__name__}")
    printer(answer)  # type: ignore[operator]


def _rows(rows: Iterable[tuple[str, str, str]]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    _out.print(table)


def _search(found: SearchResult) -> None:
    if found.message:
        say(found.message)
    if found.did_you_mean:
        say(f"Did you mean: {found.did_you_mean}")
    if not found.total:
        say("Nothing was found.")
        return
    say(f"{found.total:,} found, in {found.took_ms:.1f} ms")
    _rows(
        (hit.system, hit.code, f"{name_of(hit)}{_marks(hit.billable, hit.active)}  — {'; '.join(hit.why)}")
        for hit in found.hits
    )


def _heading(text: str) -> None:
    _out.print()
    _out.print(Text(text, style="bold"))


def _shown(shown: Shown) -> None:
    _out.print(Text(f"{shown.system}:{shown.code}  {name_of(shown)}", style="bold"))
    if shown.display and shown.title:
        say(f"In our words ({shown.title_status}): {shown.title}")
    facts = [f"kind: {shown.kind}"]
    for label, value in (("billable", shown.billable), ("active", shown.active)):
        facts.append(f"{label}: {'not known' if value is None else 'yes' if value else 'no'}")
    valid = shown.valid
    if valid.get("from") or valid.get("to"):
        facts.append(f"valid: {valid.get('from') or '…'} to {valid.get('to') or '…'}")
    say("; ".join(facts))
    say(f"from: {shown.release.label}" + (f" — {shown.message}" if shown.message else ""))
    if shown.path:
        say("in: " + " > ".join(f"{r.code} {r.display or r.title or ''}".strip() for r in shown.path))
    for label, refs in (
        ("replaced by", shown.replaced_by),
        ("replaces", shown.replaces),
        ("modifiers", shown.modifiers),
    ):
        if refs:
            say(f"{label}: " + "; ".join(f"{r.code} {name_of(r)}" for r in refs))
    if shown.sets_apart:
        say("what sets it apart: " + "; ".join(f"{k}: {v}" for k, v in shown.sets_apart.items()))
    if shown.terms:
        _heading("Also called")
        for term in shown.terms[:20]:
            say(f"  {term}")
    if shown.notes or shown.inherited_notes:
        _heading("Official notes")
        for note in (*shown.notes, *shown.inherited_notes):
            where = "" if note.of == shown.code else f" (at {note.of})"
            _out.print(Padding(Text(f"{note.kind}{where}: {note.text}"), (0, 0, 0, 2)))
    if shown.children:
        _heading(f"Below ({len(shown.children)})")
        _rows(("", r.code, name_of(r) + _marks(r.billable, r.active)) for r in shown.children[:50])
    if shown.notice:
        _out.print()
        _out.print(Text(shown.notice, style="dim"))


def _choices(choices: Choices) -> None:
    say("Several codes are written so. Which one is meant?")
    _rows((r.system, r.code, name_of(r) + _marks(r.billable, r.active)) for r in choices.choices)


def _guide(guide: Guide) -> None:
    _out.print(Text(f"{guide.system}:{guide.code}  {guide.title or ''}", style="bold"))
    if guide.badge:
        say(f"[{guide.badge}]")
    for section in guide.sections:
        _heading(section.heading)
        for block in section.blocks:
            if block.kind == "heading":
                _out.print(Text(f"  {block.text}", style="italic"))
            elif block.items:
                for number, item in enumerate(block.items, start=1):
                    mark = f"{number}." if block.kind == "steps" else "•"
                    _out.print(Padding(Text(f"{mark} {item}"), (0, 0, 0, 2)))
            else:
                _out.print(Padding(Text(block.text), (0, 0, 0, 2)))
        if not section.blocks:
            if section.text:
                _out.print(Padding(Text(section.text), (0, 0, 0, 2)))
            for item in section.items:
                _out.print(Padding(Text(f"• {item}"), (0, 0, 0, 2)))
        if section.sources:
            _out.print(Padding(Text(f"Sources: {', '.join(section.sources)}", style="dim"), (0, 0, 0, 2)))
    if guide.not_known:
        _heading("What is not known")
        for line in guide.not_known:
            say(f"  {line}")
    if guide.grade:
        say(f"\nReading grade {guide.grade.get('adjusted')} (raw {guide.grade.get('raw')})")
    if guide.sources:
        _heading("Sources")
        for source in guide.sources:
            say(f"  {source.id}: {source.title}, {source.publisher}, {source.address} ({source.seen})")
    say("\nThis informs and does not advise. Ask your care team about your own care.")


def _policies(found: Policies) -> None:
    if not found.policies:
        say("No policy that names this code is loaded. That says nothing about what a plan covers.")
        return
    for policy in found.policies:
        dated = policy.document_date or policy.version or "undated"
        number = f" {policy.number}" if policy.number else ""
        _heading(f"{policy.payer}: {policy.kind}{number}, {policy.title} (as of {dated})")
        for link in policy.links:
            say(f"  {link.role.replace('_', ' ')}: {link.condition or 'no condition stated'}")
            if link.quote:
                say(f"    “{link.quote}”" + (f" — {link.section}" if link.section else ""))
        if policy.url:
            say(f"  {policy.url}")


def _similar(found: Similar) -> None:
    if not found.hits:
        say("No similar code is known.")
        return
    for hit in found.hits:
        _out.print(Text(f"{hit.system}:{hit.code}  {name_of(hit)}{_marks(hit.billable, hit.active)}"))
        say(f"    {'; '.join(hit.reasons)}")
        if hit.difference:
            say(f"    difference: {hit.difference}")


def _browse(found: Browse) -> None:
    for depth, ref in enumerate(found.path):
        say(f"{'  ' * depth}{ref.code} {ref.display or ref.title or ''}")
    if found.at:
        words = found.at.display or found.at.title or ""
        _out.print(Text(f"{'  ' * len(found.path)}{found.at.code or found.at.system} {words}", style="bold"))
    _rows(
        (
            child.system if not child.code else "",
            child.code,
            (child.display or name_of(child)) + (f"  ({child.count:,})" if child.count else ""),
        )
        for child in found.children
    )


def _families(found: Families) -> None:
    for depth, above in enumerate(found.path):
        say(f"{'  ' * depth}{above.slug}  {above.name}")
    if found.at:
        _out.print(Text(f"{found.at.slug}  {found.at.name} ({found.at.count:,})", style="bold"))
    _rows(("", below.slug, f"{below.name}  ({below.count:,})") for below in found.families)
    if found.shared:
        say("the same for all: " + "; ".join(f"{a}: {v}" for a, v in found.shared.items()))
    for row in found.codes:
        apart = "; ".join(f"{a}: {v}" for a, v in zip(found.axes, row.values, strict=True) if v)
        _out.print(Text(f"{row.system}:{row.code}  {name_of(row)}{_marks(row.billable, row.active)}"))
        if apart:
            say(f"    {apart}")


def _systems(found: Systems) -> None:
    for info in found.systems:
        _out.print(Text(f"{info.id}  {info.name}", style="bold"))
        stale = f"; {info.release.in_force} is in force" if info.release.stale else ""
        say(f"  {info.count:,} codes, {info.billable:,} billable; {info.release.label}{stale}")
        say(f"  {info.url}  ({info.publisher})")
        say(f"  {info.licence}")
