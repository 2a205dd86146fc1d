"""Codes with the same words: one bounded query on the rarest words of a name."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tantivy import Occur, Query

from plaincode.model import Concept, Key
from plaincode.search.explain import shared
from plaincode.search.words import STOPWORDS, stem, tokens

if TYPE_CHECKING:
    from plaincode.search.engine import Searcher

__all__ = ["more_like"]

RAREST = 4

# How much, not what: two codes do not resemble each other for being billed by the milligram.
MEASURES = frozenset(
    [
        "per",
        "each",
        "unit",
        "units",
        "mg",
        "mcg",
        "ml",
        "mci",
        "first",
        "further",
        "other",
        "unspecified",
        "injection",
    ]
)


def more_like(
    searcher: Searcher, concept: Concept, limit: int = 20, known: Container[Key] = ()
) -> list[tuple[Key, float, tuple[str, ...]]]:
    """Return (key, score from 0 to 1, shared words) of codes that share the rarest words of a name.

    The score is the share of the weight of these words that the other name has. At least two must be
    shared where the name has two, the rarest among them as long as that finds enough. Best first; never
    the code itself, nor one of those `known`, which count towards the limit.
    """
    stems = dict.fromkeys(
        stem(w) for w in tokens(concept.name) if w not in STOPWORDS | MEASURES and not w.isdigit()
    )
    if not (concept.display or concept.title) or limit < 1:
        return []
    rare = sorted((n, s) for s in stems if (n := searcher.searcher.doc_freq("name", s)) > 1)[:RAREST]
    if not rare:
        return []
    terms = [Query.term_query(searcher.schema, "name", s, index_option="basic") for _, s in rare]
    weights = [1.0 / (i + 1) ** 0.5 for i in range(len(rare))]
    scored = [Query.const_score_query(t, w / sum(weights)) for t, w in zip(terms, weights, strict=True)]
    found = searcher.searcher.search(_with_rarest(scored), limit + 1, count=False).hits
    if len(found) <= limit and len(rare) > 2:  # too few have the rarest word: any two of the words will do
        found = searcher.searcher.search(_any_two(terms, scored), limit + 1, count=False).hits
    out: list[tuple[Key, float, tuple[str, ...]]] = []
    for score, address in found:
        system, _, code = searcher.searcher.doc(address)["key"][0].partition(":")
        key = Key(system, code)
        other = searcher.lookup.concept(key) if key != concept.key and key not in known else None
        if other is not None:
            out.append((key, round(float(score), 3), shared(other, stems)))
    return out[:limit]


def _with_rarest(scored: Sequence[Any]) -> Any:
    """Return the query for the rarest word and one of the others: its list is short, so quickly met."""
    if len(scored) == 1:
        return scored[0]
    others = Query.boolean_query([(Occur.Should, t) for t in scored[1:]], minimum_number_should_match=1)
    return Query.boolean_query([(Occur.Must, scored[0]), (Occur.Must, others)])


def _any_two(terms: Sequence[Any], scored: Sequence[Any]) -> Any:
    """Return the query for any two of the words."""
    pairs = [
        (Occur.Should, Query.boolean_query([(Occur.Must, a), (Occur.Must, b)]))
        for a, b in combinations(terms, 2)
    ]
    met = Query.const_score_query(Query.boolean_query(pairs), 0.0)
    return Query.boolean_query([(Occur.Must, met), *((Occur.Should, t) for t in scored)])
