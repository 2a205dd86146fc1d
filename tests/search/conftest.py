"""A small index of rows written by hand, and the functions of a catalog around it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from plaincode.model import Concept, Note
from plaincode.search import IndexWriter, Lookup, Searcher, Vocabulary

CONTENT = Path(__file__).parents[2] / "content" / "vocabulary"


def cm(code: str, display: str, *, billable: bool = True, **more: object) -> Concept:
    return Concept("icd10cm", code, display, kind="diagnosis", billable=billable, **more)  # type: ignore[arg-type]


def pcs(code: str, display: str) -> Concept:
    return Concept("icd10pcs", code, display, kind="procedure", billable=True)


CONCEPTS = [
    (Concept("icd10cm", "E08-E13", "Diabetes mellitus", kind="block", billable=False), "4"),
    (
        cm(
            "E11",
            "Type 2 diabetes mellitus",
            billable=False,
            notes=(Note("includes", "diabetes NOS"), Note("excludes1", "neonatal diabetes mellitus")),
        ),
        "4",
    ),
    (cm("E11.0", "Type 2 diabetes mellitus with hyperosmolarity", billable=False), "4"),
    (cm("E11.9", "Type 2 diabetes mellitus without complications"), "4"),
    (cm("E11.65", "Type 2 diabetes mellitus with hyperglycemia"), "4"),
    (cm("E03.9", "Hypothyroidism, unspecified"), "4"),
    (cm("E23.2", "Diabetes insipidus"), "4"),
    (cm("I10", "Essential (primary) hypertension", terms=("high blood pressure",)), "9"),
    (cm("I15.0", "Renovascular hypertension"), "9"),
    (cm("I21", "Acute myocardial infarction", billable=False), "9"),
    (cm("I21.9", "Acute myocardial infarction, unspecified"), "9"),
    (cm("I25.2", "Old myocardial infarction"), "9"),
    (cm("I50", "Heart failure", billable=False), "9"),
    (cm("I50.9", "Heart failure, unspecified"), "9"),
    (cm("I50.21", "Acute systolic (congestive) heart failure"), "9"),
    (cm("L50.9", "Urticaria, unspecified"), "12"),
    (cm("O24.4", "Gestational diabetes mellitus", billable=False), "15"),
    (cm("M54.16", "Radiculopathy, lumbar region"), "13"),
    (cm("D49.6", "Neoplasm of unspecified behavior of brain"), "2"),
    (cm("D33.0", "Benign neoplasm of brain, supratentorial"), "2"),
    (cm("G30.9", "Alzheimer's disease, unspecified"), "6"),
    (cm("H81.09", "Ménière's disease, unspecified ear"), "8"),
    (cm("K35.80", "Unspecified acute appendicitis"), "11"),
    (cm("S52.501A", "Unspecified fracture of the lower end of right radius, initial encounter"), "19"),
    (
        cm("N39.0", "Urinary tract infection, site not specified", notes=(Note("note", "pyuria seen"),)),
        "14",
    ),
    (pcs("0DTJ0ZZ", "Resection of Appendix, Open Approach"), "0"),
    (pcs("0DTJ4ZZ", "Resection of Appendix, Percutaneous Endoscopic Approach"), "0"),
    (pcs("0SRC0JZ", "Replacement of Right Knee Joint with Synthetic Substitute, Open Approach"), "0"),
    *(
        (Concept("cpt4", code, kind="code", active=None, billable=True), None)
        for code in ("00100", "00470", "62280", "62281", "62323", "99213", "99214")
    ),
    (
        Concept(
            "cpt4",
            "62282",
            title="Injection that destroys nerves in the lower back",
            title_status="ai-agreed",
            kind="procedure",
            billable=True,
        ),
        None,
    ),
    (Concept("cpt4", "62310", kind="code", active=False), None),
    (Concept("cpt4", "25", title="A separate visit on the same day", kind="modifier"), None),
    (Concept("hcpcs", "J0585", kind="medicine"), None),
    (Concept("hcpcs", "E0601", kind="supply"), None),
    (Concept("hcpcs", "RT", title="Right side", kind="modifier"), None),
    (Concept("hcpcs", "RR", title="Rental", kind="modifier"), None),
    (Concept("hcpcs", "JZ", title="Nothing thrown away", kind="modifier"), None),
    (Concept("drg", "003", "Ecmo or tracheostomy", kind="group"), "PRE"),
    (Concept("drg", "100", "Seizures with MCC", kind="group"), "01"),
    (Concept("drg", "470", "Major hip and knee joint replacement without MCC", kind="group"), "08"),
    (
        Concept("icd9cm", "250.00", "Diabetes mellitus type II", kind="diagnosis", active=False),
        "3",
    ),
    (Concept("icd9cm", "470", "Deviated nasal septum", kind="diagnosis", active=False), "8"),
    (Concept("icd9cm", "036.0", "Meningococcal meningitis", kind="diagnosis", active=False), "1"),
]
BY_KEY = {concept.key: concept for concept, _ in CONCEPTS}
ORDER = ["icd10cm", "icd10pcs", "cpt4", "hcpcs", "drg", "icd9cm"]
NAMES = {
    "cpt": "cpt4", "cpt4": "cpt4", "hcpcs": "hcpcs", "icd10": "icd10cm", "icd10cm": "icd10cm",
    "icd10pcs": "icd10pcs", "drg": "drg", "msdrg": "drg", "icd9": "icd9cm",
}  # fmt: skip


def spelled(pattern: str, *, dot: bool = False) -> Callable[[str], str | None]:
    shape = re.compile(pattern)

    def normalise(text: str) -> str | None:
        code = text.upper().strip()
        if dot:
            code = code.replace(".", "")
            code = code if len(code) <= 3 else f"{code[:3]}.{code[3:]}"
        return code if shape.fullmatch(code) else None

    return normalise


LOOKUP = Lookup(
    concept=BY_KEY.get,
    normalise={
        "icd10cm": spelled(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?", dot=True),
        "icd10pcs": spelled(r"[0-9A-HJ-NP-Z]{7}"),
        "cpt4": spelled(r"\d{4}[0-9FTUM]|\d\d"),
        "hcpcs": spelled(r"[A-V]\d{4}|[A-Z][A-Z0-9]"),
        "drg": spelled(r"\d{3}"),
        "icd9cm": spelled(r"\d{3}(\.\d{1,2})?", dot=True),
    },
    named=lambda text: NAMES.get("".join(ch for ch in text.lower() if ch.isalnum())),
)


@pytest.fixture(scope="session")
def lookup() -> Lookup:
    return LOOKUP


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary.read(CONTENT)


@pytest.fixture(scope="session")
def searcher(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Searcher:
    folder = tmp_path_factory.mktemp("search") / "index"
    writer = IndexWriter(folder, vocabulary, ORDER)
    for concept, chapter in CONCEPTS:
        writer.add(concept, chapter)
    writer.commit()
    return Searcher(folder, LOOKUP)
