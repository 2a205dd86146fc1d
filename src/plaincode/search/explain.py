"""Why a code was found, and which of its words matched."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from plaincode.model import Concept, Highlight
from plaincode.search.index import whole_names
from plaincode.search.query import Asked, Group, steps
from plaincode.search.words import WORD, fold, stem, tokens

__all__ = ["highlights", "shared", "wanted", "wholes", "why"]

LONGEST = 120  # characters of a synonym or note that are quoted
_NOTES = {"includes": "includes", "inclusion-term": "synonym"}
_NOT_QUOTED = frozenset({"excludes1", "excludes2", "seventh-character"})


def wanted(asked: Asked) -> frozenset[str]:
    """Return every stem that may match."""
    return frozenset(s for g in asked.groups for option in g.options for s in option)


def wholes(asked: Asked) -> tuple[str, ...]:
    """Return the folded name that the question is, then those it may mean."""
    said, meant = asked.wholes()
    return (said, *meant)


def highlights(concept: Concept, stems: frozenset[str]) -> tuple[Highlight, ...]:
    """Return the characters of display and title that match."""
    return tuple(
        Highlight(field, m.start(), m.end())
        for field, text in (("display", concept.display), ("title", concept.title))
        if text
        for m in WORD.finditer(text)
        if stem(fold(m[0])) in stems
    )


def _met(group: Group, stems: set[str]) -> int | None:
    """Return the number of the first option whose stems are all there."""
    return next((i for i, option in enumerate(group.options) if stems.issuperset(option)), None)


def _stems(texts: Iterable[str | None]) -> set[str]:
    return {stem(w) for text in texts if text for w in tokens(text)}


def why(concept: Concept, asked: Asked, score: float | None, wholes: Sequence[str]) -> tuple[str, ...]:
    """Return the reasons that a code was found for a question in words; never none.

    `score` says which step of the ranking was reached (None: most words only); `wholes` are the folded
    names that the question is or may mean.
    """
    names = [t for t in (concept.display, concept.title) if t]
    reasons: list[str] = []
    have: set[str] | None = None
    exact, whole, named = steps(score) if score is not None else (False, False, False)
    if exact:
        reasons.append("exact title")
    elif named:
        reasons.append("all words in the title")
    else:
        have = _stems(names)
        if all(_met(g, have) is not None for g in asked.groups):
            reasons.append("all words in the title")
        else:
            reason, have = _beside(concept, asked, have, wholes)
            reasons.append(reason)
    if whole and not exact and not reasons[0].startswith("synonym"):
        reasons += _called(concept, names, wholes)
    if any(len(g.options) > 1 for g in asked.groups):
        have = _stems(names) if have is None else have
        for group in asked.groups:
            met = _met(group, have)
            sentence = group.why[met] if met is not None else None
            if sentence and sentence not in reasons:
                reasons.append(sentence)
    return tuple(reasons)


def _called(concept: Concept, names: Sequence[str], wholes: Sequence[str]) -> list[str]:
    """Return the synonym whose whole is asked for, where the title's is not."""
    terms = [*concept.terms, *(n.text for n in concept.notes if n.kind in _NOTES)]
    for whole in wholes:
        if any(whole in whole_names(n) for n in names):
            return []
        for term in terms:
            if whole in whole_names(term):
                return [f"synonym: {term}"]
    return []


def _beside(concept: Concept, asked: Asked, have: set[str], wholes: Sequence[str]) -> tuple[str, set[str]]:
    """Return the reason that lies outside the title, and all stems that it brings."""
    told = [("synonym", t) for t in concept.terms]
    told += [(_NOTES.get(n.kind, "note"), n.text) for n in concept.notes if n.kind not in _NOT_QUOTED]
    best: tuple[int, int, str, set[str]] | None = None
    everything = set(have)
    for place, (kind, text) in enumerate(told):
        stems = _stems((text,))
        everything |= stems
        both = have | stems
        met = sum(_met(g, both) is not None for g in asked.groups)
        new = sum(_met(g, both) is not None and _met(g, have) is None for g in asked.groups)
        if not new:
            continue
        if any(whole in wholes for whole in whole_names(text)):
            met += 1
        quoted = text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
        if best is None or (met, -place) > best[:2]:
            best = (met, -place, f"{kind}: {quoted}", both)
    found = sum(_met(g, everything) is not None for g in asked.groups)
    if best is None or found < len(asked.groups):
        words = [" ".join(g.said) for g in asked.groups if _met(g, everything) is not None]
        some = f"{len(words)} of {len(asked.groups)} words: {', '.join(words)}"
        if best is None:
            return some, everything
        return f"{some} ({best[2]})", everything
    return best[2], everything


def shared(one: Concept, stems: Container[str]) -> tuple[str, ...]:
    """Return the words of a code's name that have one of these stems, folded, each once."""
    return tuple(dict.fromkeys(w for w in tokens(one.name) if stem(w) in stems))
