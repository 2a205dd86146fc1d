"""Look-alikes: the shapes of identifiers that plaincode does not hold.

Only the name of the kind is ever said, never a meaning: several of these lists have owners. A certain
shape is answered before any code is looked up (revenue code 0360 is not ICD-9-CM 036.0); a possible one
only after nothing of that spelling was found.
"""

from __future__ import annotations

import re

__all__ = ["beside", "certain", "message", "possible"]

_CERTAIN = (
    (r"(?:rev|revenue)(?:[ -]?codes?)?[ :#-]*0?\d{3}", "revenue code"),
    (r"(?:tob|(?:type[ -]of[ -]bill)|(?:bill[ -]type))[ :#-]*0?\d{2}[0-9a-z]", "type of bill"),
    (r"(?:pos|place[ -]of[ -]service)(?:[ -]?codes?)?[ :#-]*\d{1,2}", "place of service code"),
    (r"(?:carc[ :#-]*\d{1,3}|(?:co|pr|oa|pi|cr)[ -]?[ab]?\d{1,3})", "claim adjustment code"),
    (r"(?:rarc[ :#-]*(?:m|ma|n)\d{1,3}|ma\d{2,3})", "remittance remark code"),
    (r"(?:ndc[ :#-]*)(?:\d{10,11}|\d{4,5}-\d{3,4}-\d{1,2})", "National Drug Code (NDC)"),
    (r"\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d{1,2}", "National Drug Code (NDC)"),
    (r"0\d{3}", "revenue code"),
    (r"npi[ :#-]*\d{10}", "National Provider Identifier (NPI)"),
    (r"(?:loinc[ :#-]*)\d{1,5}-\d", "LOINC code"),
    (r"(?:snomed(?:[ -]?ct)?[ :#-]*)\d{6,18}", "SNOMED CT code"),
    (r"(?:rx(?:norm|cui)[ :#-]*)\d{1,8}", "RxNorm code"),
    (r"(?:cdt[ :#-]*)d\d{4}", "dental procedure code (CDT)"),
    (r"(?:cvx[ :#-]*)\d{1,3}", "vaccine code (CVX)"),
    (r"(?:icd[ -]?11[ :#-]*)[0-9a-z][a-z][0-9][0-9a-z](?:\.[0-9a-z]{1,2})?", "ICD-11 code"),
)
_POSSIBLE = (
    (r"[12]\d{9}", "National Provider Identifier (NPI)"),
    (r"\d{11}", "National Drug Code (NDC)"),
    (r"\d{3}[0-9a-z]{6}x", "provider taxonomy code"),
    (r"d\d{4}", "dental procedure code (CDT)"),
    (r"\d{1,5}-\d", "LOINC code"),
    (r"[0-9a-z][a-z][0-9][0-9a-z](?:\.[0-9a-z]{1,2})", "ICD-11 code"),
    (r"[1-8][1-9][0-9]", "type of bill"),
    (r"\d{6,18}", "SNOMED CT code"),
)
# Systems of these shapes that a later edition of the catalog may hold: then they are no look-alikes.
_SYSTEMS = {
    "National Drug Code (NDC)": "ndc",
    "LOINC code": "loinc",
    "SNOMED CT code": "snomed",
    "RxNorm code": "rxnorm",
    "vaccine code (CVX)": "cvx",
    "provider taxonomy code": "nucc",
    "ICD-11 code": "icd11",
    "dental procedure code (CDT)": "cdt",
}
_CERTAIN_RE = [(re.compile(p), kind) for p, kind in _CERTAIN]
_POSSIBLE_RE = [(re.compile(p), kind) for p, kind in _POSSIBLE]
_LONGEST = 40


def certain(text: str) -> str | None:
    """Return the kind of identifier that the whole text is beyond doubt."""
    return _match(text, _CERTAIN_RE)


def possible(text: str) -> str | None:
    """Return the kind of identifier that the whole text may be, if it is no code that we hold."""
    return _match(text, _POSSIBLE_RE)


def held(kind: str) -> str:
    """Return the id of the system that would hold this kind, or an empty string."""
    return _SYSTEMS.get(kind, "")


def message(kind: str) -> str:
    """Return the sentence that says what it looks like."""
    return f"This looks like {_article(kind)} {kind}; plaincode does not hold these yet."


def beside(text: str, kind: str) -> str:
    """Return the sentence about one look-alike among codes."""
    return f"{text} looks like {_article(kind)} {kind}; plaincode does not hold these yet."


def _article(kind: str) -> str:
    return "an" if kind[0] in "AEIOU" else "a"


def _match(text: str, shapes: list[tuple[re.Pattern[str], str]]) -> str | None:
    text = " ".join(text[: _LONGEST + 1].lower().split())
    if not text or len(text) > _LONGEST:
        return None
    return next((kind for shape, kind in shapes if shape.fullmatch(text)), None)
