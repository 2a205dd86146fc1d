"""The one face of a snapshot, and its only reader.

>>> import plaincode                                    # doctest: +SKIP
>>> catalog = plaincode.open()                          # doctest: +SKIP
>>> catalog["icd10cm:E11.9"].display                    # doctest: +SKIP
'Type 2 diabetes mellitus without complications'
"""

from plaincode.catalog.face import Catalog, open_catalog

__all__ = ["Catalog", "open_catalog"]
