"""Both stores answer alike, whatever they hold."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plaincode.errors import DamagedCatalog
from plaincode.model import Concept, Key, Note, Relation, Release
from plaincode.store import MemoryStore, Row, SqliteStore, SqliteWriter
from plaincode.store.protocol import OPEN

CODES = ["A00", "A00.0", "A00.1", "A01", "B99", "chapter-1", "block-A00-A09", "E11.9"]
SYSTEMS = ["icd10cm", "cpt4"]
DAYS = ["0000-00-00", "2020-10-01", "2021-10-01", "2022-10-01"]
ENDS = ["2021-09-30", "2022-09-30", OPEN]


@st.composite
def rows(draw):
    """Rows of some codes: intervals in order, without overlap; parents make no circle."""
    out = []
    for system in draw(st.sets(st.sampled_from(SYSTEMS), min_size=1)):
        chosen = sorted(draw(st.sets(st.sampled_from(CODES), min_size=1)))
        for i, code in enumerate(chosen):
            above = chosen[:i]
            cuts = sorted(draw(st.sets(st.sampled_from(DAYS), min_size=1, max_size=3)))
            for first, following in zip(cuts, [*cuts[1:], None], strict=True):
                if following is None:
                    last = draw(st.sampled_from([e for e in ENDS if e >= first]))
                else:
                    last = max(e for e in ["2020-09-30", *ENDS, first] if first <= e < following)
                parents = draw(st.sets(st.sampled_from(above), max_size=2)) if above else set()
                out.append(
                    Row(
                        first,
                        last,
                        Concept(
                            system,
                            code,
                            display=draw(st.none() | st.text(max_size=8)),
                            billable=draw(st.none() | st.booleans()),
                            parents=tuple(sorted(parents)),
                            notes=(Note("note", draw(st.text(max_size=5)), ("A00",)),),
                            facts={"n": draw(st.integers(-5, 5))},
                        ),
                    )
                )
    return out


def relations():
    key = st.builds(Key, st.sampled_from(SYSTEMS), st.sampled_from(CODES))
    kind = st.sampled_from(["replaced-by", "maps-to"])
    return st.lists(st.builds(Relation, key, kind, key, st.just("r")), unique=True, max_size=5)


def both(tmp: Path, held, related=(), releases=()):
    path = tmp / "facts.sqlite"
    path.unlink(missing_ok=True)
    writer = SqliteWriter(path)
    for row in held:
        writer.add(row)
    for relation in related:
        writer.relate(relation)
    for release in releases:
        writer.release(release)
    writer.document("guide", "x", b"body")
    writer.link("guide", Key("cpt4", "A00"), "x")
    writer.finish()
    memory = MemoryStore(
        held,
        relations=related,
        releases=releases,
        documents=[("guide", "x", b"body")],
        links=[("guide", Key("cpt4", "A00"), "x")],
    )
    return memory, SqliteStore(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=rows(), related=relations())
def test_every_question_has_the_same_answer(tmp_path, held, related):
    memory, disk = both(tmp_path, held, related)
    days = [None, "0000-00-00", "2019-01-01", "2020-10-01", "2021-09-30", "2021-10-01", "2030-01-01", OPEN]
    for system in SYSTEMS:
        assert list(memory.scan(system)) == list(disk.scan(system))
        assert list(memory.roots(system)) == list(disk.roots(system))
        for day in days:
            assert list(memory.roots(system, day)) == list(disk.roots(system, day))
        assert list(memory.span(system, "A", "B", 3)) == list(disk.span(system, "A", "B", 3))
        for code in [*CODES, "A00.5", "Z", ""]:
            key = Key(system, code)
            assert list(memory.history(key)) == list(disk.history(key))
            assert list(memory.neighbours(key, 3)) == list(disk.neighbours(key, 3))
            assert list(memory.relations(key)) == list(disk.relations(key))
            assert list(memory.relations_to(key)) == list(disk.relations_to(key))
            assert memory.count_below(key) == disk.count_below(key)
            for day in days:
                assert memory.get(key, day) == disk.get(key, day)
                if code:
                    assert list(memory.children(key, day)) == list(disk.children(key, day))
    assert [memory.owners(c) for c in CODES] == [disk.owners(c) for c in CODES]
    assert list(memory.scan()) == list(disk.scan())
    disk.close()


def test_documents_and_links_are_the_same(tmp_path):
    memory, disk = both(tmp_path, [Row("0000-00-00", OPEN, Concept("cpt4", "A00"))])
    for store in (memory, disk):
        assert store.document("guide", "x") == b"body"
        assert store.document("guide", "y") is None
        assert list(store.documents("guide")) == [("x", b"body")]
        assert list(store.linked("guide", Key("cpt4", "A00"))) == ["x"]
        assert list(store.linked("guide", Key("cpt4", "A01"))) == []


def test_releases_come_oldest_first_within_a_system(tmp_path):
    def release(system, effective):
        return Release(system, "v", "edition", "v", None, effective, None, "s")

    given_ = [release("b", "2021-10-01"), release("b", "2020-10-01"), release("a", "2022-01-01")]
    memory, disk = both(tmp_path, [], releases=given_)
    expected = [("a", "2022-01-01"), ("b", "2020-10-01"), ("b", "2021-10-01")]
    for store in (memory, disk):
        assert [(r.system, r.effective) for r in store.releases()] == expected


def test_the_facts_cannot_be_written_through_the_store(tmp_path):
    _, disk = both(tmp_path, [Row("0000-00-00", OPEN, Concept("cpt4", "A00"))])
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        disk._connection().execute("DELETE FROM concept")


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "facts.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(DamagedCatalog, match="cannot be read"):
        SqliteStore(path)
