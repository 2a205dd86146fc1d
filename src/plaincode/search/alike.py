"""Codes with the same words: one bounded query on the rarest words of a name."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from tantivy import Occur, Query

from plaincode.model import Concept, Key
from plaincode.search.explain import shared
from plaincode.search.words import STOPWORDS, stem, tokens

if TYPE_CHECKING:
    from plaincode.search.engine import Searcher

__all__ = ["more_like"]

RAREST = 4


def more_like(
    searcher: Searcher, concept: Concept, limit: int = 20
) -> list[tuple[Key, float, tuple[str, ...]]]:
    """Return (key, score from 0 to 1, shared words) of codes that share the rarest words of a name.

    The score is the share of the weight of these words that the other name has. At least two must be
    shared where the name has two. Best first; never the code itself.
    """
    stems = dict.fromkeys(stem(w) for w in tokens(concept.name) if w not in STOPWORDS)
    if not (concept.display or concept.title) or limit < 1:
        return []
    rare = sorted((n, s) for s in stems if (n := searcher.searcher.doc_freq("name", s)) > 1)[:RAREST]
    if not rare:
        return []
    weights = {s: 1.0 / (i + 1) ** 0.5 for i, (_, s) in enumerate(rare)}
    terms = {s: Query.term_query(searcher.schema, "name", s, index_option="basic") for s in weights}
    whole = sum(weights.values())
    if len(terms) > 1:  # two rare words at once: short lists, met quickly
        pairs = [
            (Occur.Should, Query.boolean_query([(Occur.Must, terms[a]), (Occur.Must, terms[b])]))
            for (i, a), (_, b) in combinations(enumerate(terms), 2)
            if i < 2  # the two commonest together have long lists and say little
        ]
        query = Query.boolean_query(pairs)
    else:
        query = next(iter(terms.values()))
    scored = Query.boolean_query(
        [
            (Occur.Must, Query.const_score_query(query, 0.0)),
            *((Occur.Should, Query.const_score_query(t, weights[s] / whole)) for s, t in terms.items()),
        ]
    )
    found = searcher.searcher.search(scored, limit + 1, count=False).hits
    out: list[tuple[Key, float, tuple[str, ...]]] = []
    for score, address in found:
        system, _, code = searcher.searcher.doc(address)["key"][0].partition(":")
        key = Key(system, code)
        other = searcher.lookup.concept(key) if key != concept.key else None
        if other is not None:
            out.append((key, round(float(score), 3), shared(other, frozenset(stems))))
    return out[:limit]
