"""What every code system must keep, run over whatever `discover` finds.

Fixtures of a system are files of a few hand-written rows in the publisher's layout: `fixtures/<id>/`, or
files beside it whose names begin with the id. In `fixtures/<id>/starter/` a file is named for its layout,
because a starter list says what its files are and no one's own file is taken for one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaincode.model import Concept, Problem, Relation, is_grouping
from plaincode.systems import SYSTEMS, by_name
from plaincode.systems.seam import Claim, Document, Edition, File, System

FIXTURES = Path(__file__).parent / "fixtures"
Pair = tuple[File, Claim]

every_system = pytest.mark.parametrize("system", SYSTEMS.values(), ids=list(SYSTEMS))


def fixture_files(system: System, root: Path = FIXTURES) -> list[File]:
    folder = root / system.id
    paths = folder.iterdir() if folder.is_dir() else root.glob(f"{system.id}[_.-]*")
    return [File(path.name, path) for path in sorted(paths) if path.is_file()]


def starter_files(system: System, root: Path = FIXTURES) -> list[File]:
    folder = root / system.id / "starter"
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [File(path.name, path, layout=path.stem) for path in paths]


def fixture_releases(system: System, root: Path = FIXTURES) -> list[list[Pair]]:
    """Group the fixtures by edition as a build does; a part without a whole of its own joins each."""
    groups: dict[Edition | None, list[Pair]] = defaultdict(list)
    parts: list[Pair] = []
    for file in (*fixture_files(system, root), *starter_files(system, root)):
        claim = system.recognise(file)
        assert claim is not None, f"{file.path} is not recognised"
        if claim.part and claim.edition is None:
            parts.append((file, claim))
        else:
            groups[claim.edition].append((file, claim))
    releases = []
    for edition, group in groups.items():
        if all(claim.part for _, claim in group):
            parts.extend(group)
        else:
            releases.append((edition, group))
    return [[*group, *(parts if edition else [])] for edition, group in releases]


def readings(system: System, root: Path = FIXTURES) -> Iterator[list[object]]:
    for release in fixture_releases(system, root):
        yield list(system.read(release))


def check_describes_itself(system: System) -> None:
    for name in ("id", "name", "label", "omop", "publisher", "home", "loading", "syntax"):
        assert getattr(system, name).strip(), name
    assert re.match(r"(https?://|urn:)\S+$", system.url)
    assert system.licence.name
    assert system.licence.text
    assert re.fullmatch(r"[a-z][a-z0-9]*", system.id)
    for alias in (system.id, system.omop, system.url, system.name, *system.aliases):
        found = by_name(alias)
        assert found is None or found.id == system.id, f"{alias} leads to {found}"


def check_reads_its_fixture(system: System, root: Path = FIXTURES) -> None:
    assert fixture_files(system, root), f"no fixture of {system.id}"
    read = list(readings(system, root))
    assert read, f"the fixtures of {system.id} make no release"
    for records in read:
        assert [r for r in records if isinstance(r, Problem) and not r.kept] == []
        concepts = [r for r in records if isinstance(r, Concept)]
        assert concepts
        assert all(isinstance(r, Concept | Relation | Document | Problem) for r in records)
        check_concepts(system, concepts)


def check_concepts(system: System, concepts: list[Concept]) -> None:
    codes = {c.code for c in concepts}
    assert len(codes) == len(concepts), "a code stands twice"
    above = {parent for c in concepts for parent in c.parents}
    for concept in concepts:
        assert concept.system == system.id
        assert system.normalise(concept.code) == concept.code
        assert set(concept.parents) <= codes, f"{concept.code} stands below {concept.parents}"
        assert concept.display is None or concept.display.strip() == concept.display != ""
        assert (concept.title is None) == (concept.title_status is None)
        assert re.fullmatch(system.syntax, concept.code), concept.code
        if is_grouping(concept.code):
            # no release can mint it: it must hold something and be no code to bill
            assert concept.code in above
            assert concept.billable is False
            assert concept.kind != "code"
    parents = {c.code: c.parents for c in concepts}
    for code in codes:
        seen = {code}
        steps = list(parents[code])
        while steps:
            step = steps.pop()
            assert step != code, f"{code} stands below itself"
            if step not in seen:
                seen.add(step)
                steps.extend(parents[step])


@every_system
def test_describes_itself(system: System) -> None:
    check_describes_itself(system)


@every_system
def test_reads_its_fixture(system: System) -> None:
    check_reads_its_fixture(system)


@every_system
def test_exactly_one_system_claims_a_file(system: System) -> None:
    for file in fixture_files(system):
        assert [s.id for s in SYSTEMS.values() if s.recognise(file)] == [system.id], file.name


@every_system
def test_no_file_of_the_starter_is_taken_for_a_users_own(system: System) -> None:
    layouts = {layout for _, _, layout in system.starter}
    assert len(layouts) == len(system.starter) or system.id.startswith("icd")
    for file in starter_files(system):
        assert file.layout in layouts
        assert system.recognise(file)
        if system.recognise(File(file.name, file.path)):
            pytest.fail(f"{file.name} is claimed without a layout")


@every_system
def test_recognise_looks_at_any_file_without_raising(system: System, tmp_path: Path) -> None:
    for i, content in enumerate(
        (b"", b"\x00\xff\xfe", b"PK\x03\x04", b"<html>", "é\n".encode(), b"a,b\n1,2\n")
    ):
        path = tmp_path / f"file{i}.txt"
        path.write_bytes(content)
        assert system.recognise(File(path.name, path)) is None


@every_system
def test_an_edition_in_force_covers_its_day(system: System) -> None:
    for day in (date(2015, 9, 30), date(2015, 10, 1), date(2024, 2, 29), date(2026, 12, 31)):
        edition = system.calendar(day)
        if edition is not None:
            assert edition.effective <= day.isoformat() <= (edition.until or "9999-12-31")


@every_system
@settings(database=None, deadline=None, max_examples=100)
@given(data=st.data())
def test_normalise_is_idempotent_and_never_raises(system: System, data: st.DataObject) -> None:
    """`normalise` returns the canonical spelling of a code, or None where the text cannot be one."""
    written = st.from_regex(system.syntax, fullmatch=True)
    text = data.draw(
        st.text()
        | written
        | written.map(str.lower)
        | st.text("0O1lI.- eEvVdD5", max_size=8)
        | st.text("0123456789")
    )
    code = system.normalise(text)
    if code is not None:
        assert system.normalise(code) == code
        assert re.fullmatch(r"[!-~]+", code)


@every_system
def test_every_spelling_of_a_code_leads_to_it(system: System) -> None:
    for records in readings(system):
        for concept in records:
            if isinstance(concept, Concept) and not is_grouping(concept.code):
                for spelling in (concept.code.lower(), f" {concept.code}\t", concept.code.replace(".", "")):
                    assert system.normalise(spelling) == concept.code


def test_ids_names_and_aliases_are_told_apart() -> None:
    names: dict[str, str] = {}
    for system in SYSTEMS.values():
        for name in (system.id, system.omop, system.url, system.name, *system.aliases):
            folded = "".join(ch for ch in name.lower() if ch.isalnum())
            assert names.setdefault(folded, system.id) == system.id, name
