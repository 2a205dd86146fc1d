"""Similar codes, gathered: our families, the hierarchy, shared words; each with reason and difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plaincode import similar
from plaincode.model import Concept, Key, SimilarHit, is_grouping
from plaincode.search import Searcher, more_like
from plaincode.store import Store

__all__ = ["neighbours"]

_SIBLINGS = 6
_WINDOW = 40
_SAME_WORDS = 6
Difference = Callable[[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]], str | None]


def neighbours(
    concept: Concept,
    store: Store,
    searcher: Searcher,
    family: Sequence[Concept],
    standing: Callable[[Concept], Concept | None],
    difference: Difference,
    display: Callable[[Concept], str | None],
    limit: int,
) -> tuple[SimilarHit, ...]:
    """Return the codes most like one: family first, then siblings, then codes with the same words.

    `standing` returns a code as the view has it, or None where the view has it not.
    """
    own = concept.key
    reasons: dict[Key, list[str]] = {}
    held: dict[Key, Concept] = {}
    scores: dict[Key, float] = {}

    def add(other: Concept, reason: str, score: float) -> None:
        key = other.key
        if key == own or is_grouping(key.code):
            return
        stands = standing(other)
        if stands is None:
            return
        held.setdefault(key, stands)
        listed = reasons.setdefault(key, [])
        if reason not in listed:
            listed.append(reason)
        scores[key] = max(scores.get(key, 0.0), score)

    ranked = similar.nearest_siblings(concept, sorted(family, key=lambda c: c.code), limit)
    for rank, other in enumerate(ranked):
        add(other, "sibling: same family", 1.0 - rank / 100)
    # Where a family is known, numbers that merely lie near say nothing more.
    siblings, reason = ([], "") if len(ranked) > 1 else _siblings(concept, store)
    for rank, other in enumerate(similar.nearest_siblings(concept, siblings, _SIBLINGS)):
        add(other, reason, 0.8 - rank / 100)
    # What has ended stands last, so it leaves room; where there is none, nobody need be asked.
    room = limit - sum(other.active is not False for other in held.values())
    for key, score, words in more_like(searcher, concept, min(_SAME_WORDS, room), reasons):
        found = store.get(key)
        if found is not None:
            add(found, f"same words: {', '.join(words)}" if words else "same words", 0.4 * score)
    order = sorted(held, key=lambda k: (held[k].active is False, -scores[k], k))[:limit]
    return tuple(
        _hit(concept, held[key], display(held[key]), scores[key], tuple(reasons[key]), difference)
        for key in order
    )


def _siblings(concept: Concept, store: Store) -> tuple[list[Concept], str]:
    """Return concepts beside one, and in which way they are beside it."""
    if not concept.parents:
        return [], ""
    parent = concept.parents[0]
    if parent == "range-modifiers":
        return list(store.children(Key(concept.system, parent))), "a modifier too, near in code order"
    if parent.startswith("range-"):
        low, high = parent.removeprefix("range-"), parent.removeprefix("range-") + "\x7f"
        beside = [c for c in store.span(concept.system, low, high, 200) if not is_grouping(c.code)]
        group = concept.facts.get("spending_group")
        same = [c for c in beside if group and c.facts.get("spending_group") == group]
        if same and concept.display is None:
            return same, "near in number, and in the same Medicare spending group"
        return beside, "near in number"
    if parent.startswith("table-"):
        stem = concept.code[:4]
        return list(
            store.span(concept.system, stem, stem + "\x7f", 400)
        ), f"sibling: same table and body part ({stem})"
    beside = list(store.children(Key(concept.system, parent)))
    if is_grouping(parent):
        return beside, f"sibling: both in {_called(concept.system, parent, store)}"
    return beside, f"sibling: both below {parent}"


def _called(system: str, grouping: str, store: Store) -> str:
    """Return the name of a grouping, or its code where it has none."""
    held = store.get(Key(system, grouping))
    return held.name if held else grouping


def _hit(
    concept: Concept,
    other: Concept,
    display: str | None,
    score: float,
    reasons: tuple[str, ...],
    difference: Difference,
) -> SimilarHit:
    said: str | None
    if concept.sets_apart and other.sets_apart and concept.family == other.family:
        said = difference(concept.sets_apart, other.sets_apart) or "We know of no difference."
    else:
        said = similar.by_axes(concept, other) or similar.by_words(concept, other)
    return SimilarHit(
        system=other.system,
        code=other.code,
        display=display,
        title=other.title,
        title_status=other.title_status,
        score=round(score, 3),
        why=reasons,
        highlights=(),
        billable=other.billable,
        active=other.active,
        reasons=reasons,
        difference=said,
    )
