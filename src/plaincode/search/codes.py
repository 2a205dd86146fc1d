"""Codes in any spelling: what a text says, before anything is looked up.

`understand` is pure: it names what may be a code, a modifier, a range, a wildcard or a look-alike, and
leaves the rest as words. Whether a code exists is `resolve`'s business (search/resolve.py).

>>> understand("62323 RT").codes
(Code(text='62323', system=None, modifiers=('RT',)),)
>>> understand("E11.0-E11.9").span
('E11.0', 'E11.9')
>>> understand("CO-45").looks_like
'claim adjustment code'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from plaincode.search import shapes

__all__ = ["LONGEST", "Code", "Understood", "tidy", "understand"]

LONGEST = 2000  # characters read of a question; a pasted claim is shorter
MOST_CODES = 60

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+")
_DASHES = str.maketrans(
    dict.fromkeys("®™")
    | dict.fromkeys("‐‑‒–—−", "-")
    | dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("‘’", "'")
)
_DATE = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2}")
_PRICE = re.compile(r"[$€£]\d[\d,]*(?:\.\d{1,2})?|\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+\.\d{2}")
_UNITS = re.compile(r"[x×]\d{1,6}(?:\.\d+)?", re.IGNORECASE)
_UNIT_WORDS = frozenset(["unit", "units", "un", "qty", "quantity", "ea", "each", "usd"])
_BILLED = r"(?:[A-Za-z]\d{4}|\d{4}[0-9FTUMftum])"
_CODE = rf"{_BILLED}|[A-Za-z]\d[0-9A-Za-z](?:\.[0-9A-Za-z]{{1,4}})?"
_WITH_MODIFIER = re.compile(rf"({_BILLED})((?:-[A-Za-z0-9]{{2}})+)")
_GLUED = re.compile(rf"({_BILLED})((?:[A-Za-z0-9]{{2}}){{1,4}})")
_SURE = re.compile(
    rf"(?:{_BILLED}|[A-Za-z]\d[0-9A-Za-z](?:\.[0-9A-Za-z]{{1,4}})?|(?=\D*\d)[0-9A-Za-z]{{7}})"
    r"(?:-[A-Za-z0-9]{2})*"
)
_REVENUE = re.compile(r"0\d{3}")
_COUNT = re.compile(r"\d{1,3}|\d+\.\d{1,2}")
_MODIFIER_WORD = re.compile(r"\b(?:modifiers?|mod)[ :#-]+(?=[A-Za-z0-9]{2}(?![A-Za-z0-9]))", re.IGNORECASE)
_LOOSE_MODIFIER = re.compile(rf"(?<![A-Za-z0-9.])({_BILLED})(?:\s+-\s*|\s*-\s+|:)([A-Za-z0-9]{{2}})(?![\w.])")
_SPACED = re.compile(r"[A-Za-z]\s+\d[0-9A-Za-z]\s*\.\s*[0-9A-Za-z]{1,4}")
_SPACED_DOT = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]\d[0-9A-Za-z])(?:\s+\.\s*|\.\s+)(?=[0-9][0-9A-Za-z]{0,3}(?![\w.]))"
)
_SEVERAL = re.compile(rf"(?<![\w/+.])(?:{_CODE})(?:[/+](?:{_CODE}))+(?![\w/+])")
_MODIFIER = re.compile(r"[A-Z0-9]{2}|[a-z]\d|\d[a-z]|[a-z]{2}")
_SHAPE = re.compile(r"[A-Za-z0-9]{1,5}(?:\.[A-Za-z0-9]{0,4})?|[A-Za-z0-9]{6,8}")
_END = r"[A-Za-z0-9]{1,5}(?:\.[A-Za-z0-9]{1,4})?|[A-Za-z0-9]{7}"
_RANGE = re.compile(rf"({_END})\s*(?:-|\.\.\.?)\s*({_END})")
_RANGE_WORDS = re.compile(rf"(?:from\s+)?({_END})\s+(?:to|thru|through|-)\s+({_END})", re.IGNORECASE)
_WILD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]*[*?%][A-Za-z0-9.*?%]*")
_PLACEHOLDER = re.compile(r"[A-Za-z]?\d[A-Za-z0-9]{1,2}\.\d{0,3}(?:[xX]{1,4}|-)")
_SPLIT = re.compile(r"[\s,;|]+")
_TRIM = " \t\"'()[]{}<>:#!?"
_FILLER = frozenset(["code", "codes", "number"])


class Code(NamedTuple):
    """A spelling that may be a code, the system it was said to be of, and the modifiers beside it.

    `perhaps` are those of the modifiers that are units where no such modifier exists. `what` is "billed"
    where units stand beside it, "modifier" where the text says that it is one, else empty.
    """

    text: str
    system: str | None = None
    modifiers: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    what: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text says. `alone`: nothing but codes; `bill`: it has dates, prices or units.

    `beside` has (text, kind) of each look-alike that was passed over among codes.
    """

    text: str
    codes: tuple[Code, ...] = ()
    system: str | None = None
    span: tuple[str, str] | None = None
    wildcard: str | None = None
    words: str = ""
    passed_over: tuple[str, ...] = ()
    looks_like: str | None = None
    alone: bool = False
    bill: bool = False
    rest: str = ""
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Return every modifier, in the order they stand."""
        return tuple(dict.fromkeys(m for code in self.codes for m in code.modifiers))


def tidy(text: str) -> str:
    """Return the text as it is read: no control characters, plain dashes and quotes, cut at LONGEST."""
    if not text.isascii():  # full-width letters are letters
        text = unicodedata.normalize("NFKC", text[: 2 * LONGEST].translate(_DASHES))
    if len(text) > LONGEST:  # at a space, so that no half word is looked for
        text = text[:LONGEST].rsplit(None, 1)[0] if " " in text[:LONGEST] else text[:LONGEST]
    return _CONTROL.sub(" ", text.translate(_DASHES)).strip()


def _unnamed(_: str) -> str | None:
    return None


def understand(text: str, named: Callable[[str], str | None] = _unnamed) -> Understood:
    """Return what a text says; `named` gives the id of the system that a person calls so.

    Never raises. `words` is the text without the codes, for a search by words; a token that only looks
    like a code stands in both `codes` and (at its place) in nothing else, so the caller puts it back
    when no such code exists.
    """
    text = tidy(text)
    kind = shapes.certain(text)
    if kind is not None and named(shapes.held(kind)) is None:
        return Understood(text, looks_like=kind)
    system, rest = _system(text, named)
    rest = _joined(rest)
    whole = rest.strip(_TRIM.replace("?", ""))
    said = _MODIFIER_WORD.match(whole)
    if said and len(whole) == said.end() + 2:
        modifier = Code(whole[said.end() :].upper(), system, what="modifier")
        return Understood(text, (modifier,), system, alone=True, rest=rest)
    if _WILD.fullmatch(whole) and any(ch in whole[:-1] or ch in "*%" for ch in "*%?" if ch in whole):
        return Understood(text, system=system, wildcard=whole.replace("%", "*"), alone=True)
    if _PLACEHOLDER.fullmatch(whole):  # "E11.x" as textbooks write it
        return Understood(text, system=system, wildcard=whole.rstrip("xX-") + "*", alone=True)
    both = _RANGE.fullmatch(whole) or _RANGE_WORDS.fullmatch(whole)
    if both and _ends(*both.groups()) and not _WITH_MODIFIER.fullmatch(whole) and not _DATE.fullmatch(whole):
        low, high = both.groups()
        return Understood(text, (Code(low, system), Code(high, system)), system, (low, high), alone=True)
    return _tokens(text, system, rest, named)


def _joined(text: str) -> str:
    """Return the text with the parts of one code together and the codes of a list apart."""
    if _SPACED.fullmatch(text):
        return "".join(text.split())
    if "." in text:
        text = _SPACED_DOT.sub(r"\1.", text)
        if re.fullmatch(rf"{_BILLED}\.", text):
            return text[:-1]
    if ":" in text or "-" in text:
        text = _LOOSE_MODIFIER.sub(r"\1-\2", text)
    if "/" in text or "+" in text:
        text = _SEVERAL.sub(lambda m: m[0].replace("/", " ").replace("+", " "), text)
    return text


def _ends(low: str, high: str) -> bool:
    """Tell whether two spellings can be the ends of a range: both have a digit, and one length of stem."""
    return (
        min(len(low), len(high)) >= 3
        and any(c.isdigit() for c in low)
        and any(c.isdigit() for c in high)
        and len(low.split(".", maxsplit=1)[0]) == len(high.split(".", maxsplit=1)[0])
    )


def _system(text: str, named: Callable[[str], str | None]) -> tuple[str | None, str]:
    """Return the system named at the beginning, and the rest."""
    for mark in ":/":
        head, colon, tail = text.partition(mark)
        if colon and len(head) <= 20:
            found = named(head)
            if found:
                return found, _unfilled(tail)
    words = text.split(None, 3)
    for count in (3, 2, 1):
        if len(words) > count:
            found = named(" ".join(words[:count]).rstrip(":#"))
            if found:
                return found, _unfilled(text.split(None, count)[count])
    return None, text


def _unfilled(text: str) -> str:
    words = text.split(None, 1)
    return words[1] if len(words) == 2 and words[0].lower().rstrip(":#") in _FILLER else text


def _tokens(  # noqa: PLR0915 - one loop over the tokens; each branch looks at what the others gathered
    text: str, system: str | None, rest: str, named: Callable[[str], str | None]
) -> Understood:
    codes: list[Code] = []
    words: list[str] = []
    passed: list[str] = []
    beside: list[tuple[str, str]] = []
    parts = [p for p in _SPLIT.split(_MODIFIER_WORD.sub("", rest)) if p]
    single = len(parts) == 1
    bill = any(_DATE.fullmatch(p) or p[:1] in "$€£" or _UNITS.fullmatch(p) for p in parts)
    plain = [p.strip(_TRIM).rstrip(".") for p in parts]
    whole = not single and any(
        map(_SURE.fullmatch, plain)
    )  # beside whole codes, numbers are counts and prices
    said = system  # a system named in front of one code holds until another is named
    just_named = system is not None
    open_code = False  # the token before was a code that may take a modifier
    for at, raw in enumerate(parts):
        part = plain[at] if not single else raw.strip(_TRIM)
        found = named(part) if not single and part.isalnum() and not part.isdigit() else None
        if found and not words:
            said, open_code, just_named = found, False, True
            continue
        owned, just_named = just_named, False
        prefix, colon, tail = part.partition(":")
        if colon and (name := named(prefix)):
            said, part, owned = name, tail, True
        if len(codes) >= MOST_CODES or not part:
            (passed if not part else words).append(raw)
            continue
        with_modifier = _WITH_MODIFIER.fullmatch(part)
        after = parts[at + 1].lower() if at + 1 < len(parts) else ""
        if _DATE.fullmatch(part) or _UNITS.fullmatch(part) or part[0] in "$€£":
            if _UNITS.fullmatch(part):
                _bill(codes)
            passed.append(raw)
            open_code = False
        elif with_modifier:
            modifiers = tuple(with_modifier[2].upper().strip("-").split("-"))
            codes.append(Code(with_modifier[1], said, modifiers))
            open_code = True
        elif open_code and _modifier(part, after):
            last = codes[-1]
            perhaps = (*last.perhaps, part) if part.isdigit() else last.perhaps
            codes[-1] = last._replace(modifiers=(*last.modifiers, part.upper()), perhaps=perhaps)
        elif not owned and _REVENUE.fullmatch(part) and (whole or _all_revenue(plain)):
            beside.append((part, shapes.certain(part) or "revenue code"))
            passed.append(raw)
            open_code = False
        elif (whole and not owned and _COUNT.fullmatch(part)) or (
            bill and (_PRICE.fullmatch(part) or part.lower() in _UNIT_WORDS)
        ):
            if after in _UNIT_WORDS:
                _bill(codes)
            passed.append(raw)
            open_code = False
        elif (codes or bill) and part.isdigit() and len(part) <= 2:
            passed.append(raw)
            open_code = False
        elif _code(part, single=single, system=said):
            codes.append(Code(part, said))
            open_code = re.fullmatch(_BILLED, part) is not None
        elif (codes and part.lower() in _UNIT_WORDS) or (whole and part in {"-", "/", "+", "&"}):
            passed.append(raw)
        else:
            words.append(raw)
            open_code = False
    if beside or bill:  # a bill prints its procedures in full
        codes = [c if c.system else _billed(c) for c in codes]
    if words and not bill:
        codes, words = _among_words(codes, words, parts)
    return Understood(
        text,
        tuple(codes),
        system,
        words=" ".join(words),
        passed_over=tuple(passed),
        looks_like=None,
        alone=bool(codes) and not words,
        bill=bill,
        rest=rest,
        beside=tuple(beside),
    )


def _bill(codes: list[Code]) -> None:
    """Note that units stand beside the last code: only what is billed by the unit has them."""
    if codes:
        codes[-1] = _billed(codes[-1])


def _billed(code: Code) -> Code:
    return code._replace(what="billed") if re.fullmatch(_BILLED, code.text) else code


def _all_revenue(parts: list[str]) -> bool:
    return len(parts) > 1 and all(map(_REVENUE.fullmatch, parts))


def _modifier(part: str, after: str) -> bool:
    """Tell whether two characters after a code are a modifier rather than a number of units or a word."""
    if len(part) != 2 or not _MODIFIER.fullmatch(part):
        return False
    if part.isdigit():
        return after not in _UNIT_WORDS
    return part.lower() not in {"in", "of", "or", "to", "an", "at", "by", "is", "on", "vs", "no", "mg", "ml"}


def _code(part: str, *, single: bool, system: str | None) -> bool:
    """Tell whether a token may be a code."""
    if not part.isascii() or not (_SHAPE.fullmatch(part) or _GLUED.fullmatch(part)):
        return False
    if single:
        return True
    size = len(part.replace(".", ""))
    return any(ch.isdigit() for ch in part) and (size >= 3 or system is not None)


def _among_words(codes: list[Code], words: list[str], parts: list[str]) -> tuple[list[Code], list[str]]:
    """Keep, among words, only what is surely a code: "stage 100 burn" names no DRG."""
    kept = [c for c in codes if c.system or not c.text.isdigit() or len(c.text) >= 5]
    if len(kept) == len(codes) and not any(p.isdigit() and len(p) <= 2 for p in parts):
        return codes, words
    gone = {c.text for c in codes} - {c.text for c in kept}
    said = [
        p for p in parts if p in words or p.strip(_TRIM).rstrip(".") in gone or (p.isdigit() and len(p) <= 2)
    ]
    return kept, said
