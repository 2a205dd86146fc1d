"""The searcher: one question in, one SearchResult out. Read only, for any number of threads.

Codes come first; then every word; then, only where that finds too little, the last word completed,
unknown words corrected, and most of the words. `took_ms` is the time of the whole call.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tantivy import FieldType, Occur, Order, Query

from plaincode.model import Concept, Highlight, Hit, Key, SearchResult
from plaincode.search import explain, shapes
from plaincode.search.codes import Understood, tidy, understand
from plaincode.search.facets import SearchRequest, allowed, counts
from plaincode.search.index import compact, place, read
from plaincode.search.query import Asked
from plaincode.search.resolve import Found, Lookup, resolve
from plaincode.search.spelling import Speller
from plaincode.search.stages import Plan, plan
from plaincode.search.words import STOPWORDS, Vocabulary, tokens

__all__ = ["Searcher"]

MOST_HITS = 500  # a page
MOST_GROUPS = 65_000  # buckets of an aggregation
CODE_SCORE = 100.0
LAST_SCORE = 0.25  # under every step of the ranking: codes with most of the words after those with all
EMPTY = "Type a code, or what you are looking for in your own words."
EXCLUDED = "Only words to leave out were given. Say also what you are looking for."
NOTHING = "Nothing was found. Try fewer or other words, or a code."


@dataclass(slots=True)
class _Answer:
    """What was worked out: codes to show first, then queries, each in code order or in ranked order."""

    found: tuple[Found, ...] = ()
    queries: list[tuple[Any, bool]] = field(default_factory=list)
    match: Any = None
    stepped: bool = True
    asked: Asked | None = None
    why: str = ""
    spelled: tuple[str, ...] = ()
    did_you_mean: str | None = None
    looks_like: str | None = None
    messages: tuple[str, ...] = ()
    nothing: str = NOTHING


class Searcher:
    """A text index opened read only, with the functions of the catalog that it belongs to."""

    def __init__(self, path: Path | str, lookup: Lookup) -> None:
        text, words, meta = read(path)
        self.lookup = lookup
        self.schema = text.schema
        self.searcher = text.searcher()
        self.groups = meta.groups
        self.count = meta.count
        self.vocabulary = Vocabulary.of(meta.said, meta.stems)
        self.speller = Speller(words)
        self._systems = {s: i for i, s in enumerate(meta.systems)}

    def search(self, request: SearchRequest) -> SearchResult:
        """Return what the question finds; no text makes it raise."""
        start = time.perf_counter()
        limit, page = min(max(request.limit, 1), MOST_HITS), max(request.page, 1)
        request = replace(request, limit=limit, page=page)
        answer = self._answer(request)
        total, facets, hits = self._run(answer, request)
        messages = answer.messages
        if not total and not messages:
            messages = (answer.nothing if tidy(request.query) else EMPTY,)
        return SearchResult(
            query=request.query,
            total=total,
            took_ms=round((time.perf_counter() - start) * 1000, 3),
            did_you_mean=answer.did_you_mean,
            hits=hits,
            facets=facets,
            looks_like=answer.looks_like,
            message=" ".join(messages) or None,
            limit=limit,
            page=page,
        )

    # ------------------------------------------------------------ what is asked

    def _answer(self, request: SearchRequest) -> _Answer:
        understood = understand(request.query, self.lookup.named)
        answer = self._read(understood)
        if understood.beside:
            told = tuple(shapes.beside(*one) for one in dict.fromkeys(understood.beside))
            answer.messages = (*answer.messages, *told)
        return answer

    def _read(self, understood: Understood) -> _Answer:
        if understood.looks_like:
            kind = understood.looks_like
            return _Answer(looks_like=kind, messages=(shapes.message(kind),))
        if understood.wildcard:
            return self._wildcard(understood)
        if understood.span:
            return self._span(understood)
        whole = self.lookup.named(understood.text)
        if whole in self._systems:  # nothing but the name of a system: all of it, in code order
            return _Answer(queries=[(self._in(whole, Query.all_query()), True)], why="of this system")
        if understood.codes:
            return self._codes(understood)
        if understood.beside and not understood.words:
            return _Answer(looks_like=understood.beside[0][1])
        return self._words(understood, understood.words)

    def _wildcard(self, understood: Understood) -> _Answer:
        pattern = (understood.wildcard or "").lower()
        literal = re.split(r"[*?]", pattern)[0].replace(".", "")
        if len(literal) < 2 or len(re.findall(r"[*?]+", pattern)) > 3:
            return _Answer(messages=("A wildcard needs two characters before it, as in E11.*",))
        regex = "".join(
            ".*" if c == "*" else "." if c == "?" else re.escape(c) for c in re.sub(r"\*+", "*", pattern)
        )
        query = self._in(understood.system, Query.regex_query(self.schema, "code", regex))
        return _Answer(queries=[(query, True)], why=f"code like {pattern.upper()}")

    def _span(self, understood: Understood) -> _Answer:
        low, high = (
            [f.concept for f in resolve(replace(understood, codes=(c,)), self.lookup).found if f.sure]
            for c in understood.codes
        )
        queries = []
        for one in low:
            for other in high:
                if one.system != other.system:
                    continue
                a, b = sorted((one.code, other.code), key=lambda c: place(0, c))
                system = self._systems[one.system]
                near = compact(a)[:2] == compact(b)[:2]
                queries.append(self._between(place(system, a), place(system, b, last=True), near=near))
        if queries:
            return _Answer(queries=[(_any(queries), True)], why="code in the range")
        found = resolve(understood, self.lookup)
        message = "A range needs two whole codes of one system that plaincode holds."
        if found.found:
            return _Answer(found.found, messages=(message,))
        answer = self._words(understood, understood.text)
        return replace(answer, messages=() if answer.queries else (message,))

    def _codes(self, understood: Understood) -> _Answer:
        resolved = resolve(understood, self.lookup)
        found, text = resolved.found, understood.codes[0].text
        single = understood.alone and len(understood.codes) == 1
        answer = _Answer(found, messages=resolved.messages, why="begins with this code")
        if single and not understood.codes[0].modifiers and not understood.codes[0].what:
            answer.queries = self._beginning(understood, found)
        if single and text.isalpha() and found and all(f.concept.kind == "modifier" for f in found):
            if understood.codes[0].what == "modifier":
                return answer
            words = self._words(understood, understood.rest)  # MS is a modifier, and multiple sclerosis
            return replace(words, found=found)
        if not found and (self._spoken(text) or not any(self._any_hit(q) for q, _ in answer.queries)):
            answer.queries = []
        if found and resolved.unknown and (understood.alone or understood.bill):
            names = ", ".join(c.text for c in resolved.unknown[:5])
            answer.messages = (*answer.messages, f"No code that plaincode holds: {names}.")
        idle = all(w in STOPWORDS for w in tokens(understood.words))  # "E11.65 and I10"
        if understood.alone or understood.bill or (found and idle and not resolved.unknown):
            kind = None if found or self._spoken(text) else shapes.possible(understood.rest)
            if kind and self.lookup.named(shapes.held(kind)) is None:
                return replace(answer, looks_like=kind, messages=(shapes.message(kind),))
            if found or answer.queries:
                return answer
            words = self._words(understood, understood.rest)
            unknown = ", ".join(c.text for c in resolved.unknown if any(ch.isdigit() for ch in c.text))
            if unknown and not self._spoken(text):
                words.nothing = (
                    f"No code that plaincode holds: {unknown}. It may be of an edition not loaded."
                )
            return words
        used = {c.text for c in understood.codes} - {c.text for c in resolved.unknown}
        rest = " ".join(w for w in understood.rest.split() if w.strip(" ,;()[]:.") not in used)
        words = self._words(understood, rest if resolved.unknown else understood.words)
        return replace(words, found=found, messages=(*resolved.messages, *words.messages))

    def _any_hit(self, query: Any) -> bool:
        return bool(self.searcher.search(query, 1, count=False).hits)

    def _spoken(self, text: str) -> bool:
        """Tell whether a token that looks like a code is a word that the vocabulary knows."""
        return self.vocabulary.find([text.lower()], 0)[0] > 0

    def _beginning(self, understood: Understood, found: Sequence[Found]) -> list[tuple[Any, bool]]:
        """Return the queries for longer codes: below the codes found, then of any other system."""
        text = understood.codes[0].text
        begins = compact(text)
        if len(begins) < 2 or not (any(c.isdigit() for c in begins) or text.endswith(".")):
            return []
        sure = [f.concept for f in found if f.sure and f.concept.kind != "modifier"]
        below = [self._under(c.system, c.code) for c in sure]
        queries = [(_any(below), True)] if below else []
        if "." in text:
            lower = text.lower().replace(".", r"\.")
            other = Query.regex_query(self.schema, "code", f"{lower}.+" if text[-1] == "." else f"{lower}.*")
            other = self._in(understood.system, other)
        else:
            systems = [understood.system] if understood.system else list(self._systems)
            other = _any([self._under(s, begins) for s in systems])
        if below:
            other = Query.boolean_query([(Occur.Must, other), (Occur.MustNot, queries[0][0])])
        return [*queries, (other, True)]

    def _words(self, understood: Understood, text: str) -> _Answer:
        made: Plan = plan(self, text)
        answer = _Answer(asked=made.asked, spelled=made.spelled, did_you_mean=made.did_you_mean)
        if made.asked is None and made.excluded:
            answer.nothing = EXCLUDED
        if made.match is not None:
            answer.match = self._in(understood.system, made.match)
            answer.queries = [(self._in(understood.system, made.ranked), False)]
            answer.stepped = made.stepped
            if made.after is not None:
                answer.queries.append((self._in(understood.system, made.after), False))
        return answer

    # ------------------------------------------------------------ queries over codes

    def _between(self, low: int, high: int, *, near: bool) -> Any:
        # Terms one by one cost 0.5 µs a code, a scan of the column 2 ms whatever the range.
        return Query.range_query(self.schema, "place", FieldType.Integer, low, high, use_inverted_index=near)

    def _under(self, system: str, code: str) -> Any:
        begins = f"{system}:{compact(code).lower()}"
        return Query.term_query(self.schema, "begins", begins, index_option="basic")

    def _in(self, system: str | None, query: Any) -> Any:
        if system is None or system not in self._systems:
            return query
        ids = [i for i, g in enumerate(self.groups) if g.system == system]
        inside = Query.const_score_query(Query.term_set_query(self.schema, "group", ids), 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, inside)])

    # ------------------------------------------------------------ running

    def tally(self, query: Any) -> dict[int, int]:
        """Return how many hits a query has of each combination of facets."""
        found = self.searcher.aggregate(query, {"g": {"terms": {"field": "group", "size": MOST_GROUPS}}})
        return {int(b["key"]): b["doc_count"] for b in found["g"]["buckets"]}

    def _run(self, answer: _Answer, request: SearchRequest) -> tuple[int, Any, tuple[Hit, ...]]:
        keys = [str(f.concept.key) for f in answer.found]
        pinned = Query.term_set_query(self.schema, "key", keys) if keys else None
        queries = [q for q, _ in answer.queries] if answer.match is None else [answer.match]
        everything = _any([*queries, pinned] if pinned is not None else queries)
        found = self.tally(everything) if queries or keys else {}
        total, facets = counts(self.groups, found, request)
        first = (request.page - 1) * request.limit
        if first >= total:
            return total, facets, ()
        inside: Any = None
        if request.filtered:
            numbers = allowed(self.groups, request)
            inside = Query.const_score_query(Query.term_set_query(self.schema, "group", numbers), 0.0)
        hits: list[Hit] = []
        if pinned is not None:
            shown = set(keys) if inside is None else set(self._keys(_both(pinned, inside), len(keys)))
            there = [f for f in answer.found if str(f.concept.key) in shown]
            for i, f in enumerate(there[first : first + request.limit], start=first):
                hits.append(self._code_hit(f, CODE_SCORE - min(i, 50) * 0.5, answer))
            first = max(0, first - len(there))
        for number, (query, in_code_order) in enumerate(answer.queries):
            room = request.limit - len(hits)
            if room <= 0:
                break
            if pinned is not None:
                query = Query.boolean_query([(Occur.Must, query), (Occur.MustNot, pinned)])  # noqa: PLW2901
            if inside is not None:
                query = _both(query, inside)  # noqa: PLW2901
            more = number + 1 < len(answer.queries)
            part = answer if number == 0 else replace(answer, stepped=False)
            first = self._list(query, in_code_order, first, room, part, hits, more=more, later=number > 0)
        return total, facets, tuple(hits)

    def _list(
        self,
        query: Any,
        ordered: bool,
        first: int,
        room: int,
        answer: _Answer,
        hits: list[Hit],
        *,
        more: bool = False,
        later: bool = False,
    ) -> int:
        """Append up to `room` hits from `first` on; return where the next query begins."""
        if ordered:
            result = self.searcher.search(
                query, room, count=True, order_by_field="place", order=Order.Asc, offset=first
            )
        else:
            result = self.searcher.search(query, room, count=more, offset=first)
        asked = answer.asked
        stems = explain.wanted(asked) if asked else frozenset()
        wholes = explain.wholes(asked) if asked else ()
        for score, address in result.hits:
            concept = self._concept(self.searcher.doc(address)["key"][0])
            if concept is None:
                continue
            if ordered or asked is None:
                hits.append(_hit(concept, 50.0, (answer.why or "code",), ()))
            else:
                why = explain.why(concept, asked, float(score) if answer.stepped else None, wholes)
                marks = explain.highlights(concept, stems)
                points = float(score) if not later else LAST_SCORE * score / (1 + score)
                hits.append(_hit(concept, points, (*why, *answer.spelled), marks))
        return max(0, first - int(result.count)) if ordered or more else 0

    def _keys(self, query: Any, limit: int) -> list[str]:
        found = self.searcher.search(query, limit, count=False).hits
        return [self.searcher.doc(address)["key"][0] for _, address in found]

    def _concept(self, key: str) -> Concept | None:
        system, _, code = key.partition(":")
        return self.lookup.concept(Key(system, code))

    def _code_hit(self, found: Found, score: float, answer: _Answer) -> Hit:
        marks: tuple[Highlight, ...] = ()
        if answer.asked is not None:
            marks = explain.highlights(found.concept, explain.wanted(answer.asked))
        return replace(_hit(found.concept, score, (found.why,), marks), modifiers=found.modifiers)


def _hit(c: Concept, score: float, why: tuple[str, ...], marks: tuple[Highlight, ...]) -> Hit:
    return Hit(
        system=c.system,
        code=c.code,
        display=c.display,
        title=c.title,
        title_status=c.title_status,
        score=round(score, 3),
        why=why,
        highlights=marks,
        billable=c.billable,
        active=c.active,
        kind=c.kind,
    )


def _any(queries: Sequence[Any]) -> Any:
    if not queries:
        return Query.empty_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, q) for q in queries])


def _both(query: Any, inside: Any) -> Any:
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, inside)])
