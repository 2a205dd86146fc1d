"""One catalog, many threads: the same answers as one thread gets."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from plaincode.errors import PlaincodeError

KEYS = (
    *("icd10cm:M54.5", "icd10cm:M54.50", "cpt4:62282", "cpt4:62310", "hcpcs:J0585", "drg:470", "470", "3"),
    *("icd10pcs:0DTJ4ZZ", "icd9cm:462", "99213-25", "icd10cm:M54.52", "0360", "icd10cm:chapter-13"),
)
QUERIES = (
    *(
        "low back pain",
        "M54.5",
        "622",
        "62280-62282",
        "epidrual injection",
        "lowe",
        "M54.*",
        "0DTJ",
        "99213-25",
    ),
    *(
        "sjogren",
        "back -low",
        '"low back"',
        "epidural neck",
        "nothingfound",
        "E11.9",
        "resection of appendix",
    ),
)


def everything(catalog):
    """Return every answer, without the time it took."""
    said = []
    for key in KEYS:
        for ask in (catalog.show, catalog.guide, catalog.similar, catalog.policies, catalog.browse):
            try:
                said.append(ask(key).to_dict())
            except PlaincodeError as error:
                said.append(error.to_dict())
    for query in QUERIES:
        found = catalog.search(query).to_dict()
        del found["took_ms"]
        said.append(found)
    then = catalog.on("2021-09-30").show("icd10cm:M54.5").to_dict()
    said.append(then)
    return said


@pytest.mark.slow
def test_sixteen_threads_get_what_one_gets(catalog):
    expected = everything(catalog)
    together = threading.Barrier(16)

    def ask(_):
        together.wait()
        return [everything(catalog) for _ in range(3)]

    with ThreadPoolExecutor(16) as pool:
        for rounds in pool.map(ask, range(16)):
            for said in rounds:
                assert said == expected


def test_a_catalog_closes_what_other_threads_opened(small):
    from plaincode.catalog import open_catalog

    opened = open_catalog(settings=small.settings)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: opened.show("icd10cm:M54.5").code == "M54.5", range(20)))
    opened.close()
    assert opened._store._open == []
