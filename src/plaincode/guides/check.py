"""Checking a written guide: sections, sources, second reading, reading grade, truth rules.

A guide that its reader can take may still break a rule; each breach is one Problem with file and line.
The rules by words (doses, advice to stop a medicine, promises of payment) are patterns: they find the
plain cases, and a person reads the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from plaincode.guides.apart import contradictions
from plaincode.guides.grade import grade, section_texts
from plaincode.guides.kinds import HEADINGS, MEDICAL, OPTIONAL, slug
from plaincode.guides.read import GuideFile, Part, render
from plaincode.model import Guide, Key, Problem

__all__ = ["LIMIT_ADJUSTED", "LIMIT_RAW", "LIMIT_SECTION", "check"]

LIMIT_ADJUSTED = 8.0
LIMIT_RAW = 9.5
LIMIT_SECTION = 10.0
MOST_FACT_WORDS = 20

SetsApart = Sequence[tuple[str, str]]

_DOSE = re.compile(
    r"\b\d+(?:[.,]\d+)?(?:\s?(?:-|–|to)\s?\d+(?:[.,]\d+)?)?\s?-?"
    r"(?:mg|mcg|µg|μg|micrograms?|milligrams?|grams?|g|ml|mL|cc|millilit(?:er|re)s?|IU|units?|mmol|tablets?|pills?|"
    r"puffs?|drops?)\b(?!\s+of time)"
    r"|\b\d+(?:[.,]\d+)?\s?(?:%|percent)\s+(?:phenol|alcohol|ethanol|glycerine?|lidocaine|bupivacaine|solution|saline)\b",
)
_STOP = re.compile(
    r"\b(?:stop|start|quit|halt|skip|double|begin)(?:ping|ting)?\s+(?:taking|using|your|all|any|the)?\s*"
    r"(?:\w+\s+){0,3}?"
    r"(?:medicines?|medications?|drugs?|pills?|blood thinners?|warfarin|aspirin|insulin|opioids?|tablets?)\b"
    r"|\b(?:stop|start|quit)\s+taking\b",
    re.IGNORECASE,
)
_STOP_FINE = re.compile(
    r"\b(?:do not|don[’']t|never|not|asks?|whether|if you should|tells? you|told|may need|team|doctor|"
    r"only)\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(?:will|always|must|guaranteed to)\s+(?:be\s+)?(?:pays?|paid|covers?|covered|reimbursed?)\b"
    r"|\b(?:insurance|plans?|insurers?|medicare|medicaid)\s+(?:always\s+)?(?:pays|pay|covers|cover)\b"
    r"|\bguarantees?\b|\bis (?:fully )?covered by\b",
    re.IGNORECASE,
)
_MOOD = re.compile(r"suicid|self-harm|depress|bipolar|addict|substance use", re.IGNORECASE)
_POISON = re.compile(r"overdos|poison", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def check(
    guide: GuideFile,
    *,
    sets_apart: Mapping[Key, SetsApart] | None = None,
    terms: Mapping[Key, Sequence[str]] | None = None,
) -> list[Problem]:
    """Return what breaks a rule; an empty list where all is well.

    `sets_apart` and `terms` (titles) are those of the codes that the guide is about, where known.
    """
    found = [
        Problem(guide.name, line, None, what)
        for what, line in (*_front(guide), *_sections(guide), *_sources(guide), *_second_reading(guide))
    ]
    heard: set[str] = set()
    for key in guide.keys:
        titles = (terms or {}).get(key, ())
        rendered = render(guide, key, release="check", terms=titles)
        apart = (sets_apart or {}).get(key, ())
        for what in (*_code(guide, rendered, titles), *contradictions(apart, rendered)):
            if what not in heard:
                heard.add(what)
                found.append(Problem(guide.name, None, str(key), what))
    return found


def _front(guide: GuideFile) -> Iterator[tuple[str, int]]:
    for entry in guide.unknown:
        yield f"no loaded list knows {entry}.", 1
    if not guide.keys:
        yield "the guide is about no code.", 1
    if not _DAY.fullmatch(guide.written):
        yield f"{guide.written!r} is no day; write 2026-11-23.", 1
    for withheld in guide.withhold:
        if withheld.section not in {part.heading for part in guide.parts}:
            yield f"the section {withheld.section!r} is withheld and not there.", 1


def _sections(guide: GuideFile) -> Iterator[tuple[str, int]]:
    there = [part.heading for part in guide.parts]
    for heading in HEADINGS[guide.kind]:
        if heading not in there:
            yield f"the section {heading!r} is missing.", 1
    order = [h for h in (*HEADINGS[guide.kind], *OPTIONAL) if h in there]
    if order != there:
        wrong = next(i for i, (a, b) in enumerate(zip(order, there, strict=True)) if a != b)
        yield f"the section {there[wrong]!r} is out of order.", guide.parts[wrong].line


def _sources(guide: GuideFile) -> Iterator[tuple[str, int]]:
    ids = {source.id for source in guide.sources}
    for field in ("id", "address"):
        for value, times in Counter(getattr(s, field) for s in guide.sources).items():
            if times > 1:
                yield f"the source {field} {value!r} stands {times} times.", 1
    used: set[str] = set()
    supported = {(s.section, s.source) for s in guide.supports}
    for part in guide.parts:
        used |= part.named
        cited = {key: part.cited(key) for key in guide.keys if not _withheld(guide, part, key)}
        bare = [key for key, names in cited.items() if not names]
        if bare and guide.kind in MEDICAL and part.heading not in OPTIONAL:
            of = f" for {', '.join(map(str, bare))}" if len(bare) < len(cited) else ""
            yield f"{part.heading}: the line that names the sources is missing{of}.", part.line
        for source in sorted(part.named):
            if (part.heading, source) not in supported:
                yield f"{part.heading}: `supports` does not say what {source!r} gave it.", part.line
        for source, times in sorted({pair for names in cited.values() for pair in Counter(names).items()}):
            if times > 1:
                yield f"{part.heading}: the source {source!r} stands {times} times.", part.line
    for source in sorted(ids - used):
        yield f"the source {source!r} supports no section.", 1
    for support in guide.supports:
        named = next((p.named for p in guide.parts if p.heading == support.section), None)
        if named is None:
            yield f"`supports` names the section {support.section!r}, which is not there.", support.line
        elif support.source not in named:
            yield (
                f"{support.section}: {support.source!r} supports it, but its line does not say so.",
                support.line,
            )
        if len(support.fact.split()) > MOST_FACT_WORDS:
            yield f"the fact has more than {MOST_FACT_WORDS} words.", support.line


def _withheld(guide: GuideFile, part: Part, key: Key) -> bool:
    return any(w.section == part.heading and key in w.keys for w in guide.withhold)


def _second_reading(guide: GuideFile) -> Iterator[tuple[str, int]]:
    if guide.reading is None:
        yield "no second reading is on file.", 1
        return
    if not _DAY.fullmatch(guide.reading.date):
        yield f"second reading: {guide.reading.date!r} is no day; write 2026-11-23.", 1
    for part in guide.parts:
        if part.heading not in guide.reading.sections:
            yield f"second reading: no verdict on {part.heading!r}.", part.line


def _code(guide: GuideFile, rendered: Guide, titles: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the guide as it reads for one code."""
    whole = [text for s in rendered.sections for text in section_texts(s)]
    terms = (guide.title, *titles)
    for section in rendered.sections:
        texts = section_texts(section)
        if not any(text.strip() for text in texts):
            yield f"{section.heading} is empty."
            continue
        graded = grade(texts, terms=terms, explained_in=whole)
        if graded.adjusted > LIMIT_SECTION:
            yield f"{section.heading}: grade {graded.adjusted} adjusted; {LIMIT_SECTION} is the most."
        for text in texts:
            for sentence in _SENTENCE.split(text):
                for rule in _words(sentence):
                    yield f"{section.heading}: {rule}: {sentence[:120]}"
    if rendered.grade is not None:
        for name, limit in (("adjusted", LIMIT_ADJUSTED), ("raw", LIMIT_RAW)):
            if rendered.grade[name] > limit:
                yield f"the guide has grade {rendered.grade[name]} {name}; {limit} is the most."
    yield from _signs(guide, " ".join(whole), rendered)


def _words(sentence: str) -> Iterator[str]:
    if _DOSE.search(sentence):
        yield "a dose"
    if _STOP.search(sentence) and not _STOP_FINE.search(sentence):
        yield "advice to start or stop a medicine"
    if _PROMISE.search(sentence):
        yield "a promise of payment"


def _signs(guide: GuideFile, whole: str, rendered: Guide) -> Iterator[str]:
    order = HEADINGS[guide.kind]
    urgent = next((h for h in ("Recovery", "When to Seek Care") if h in order), None)
    if urgent is not None:
        texts = [t for s in rendered.sections if s.key == slug(urgent) for t in section_texts(s)]
        if not any("911" in text for text in texts):
            yield f"{urgent}: the urgent signs do not name 911."
    if _MOOD.search(guide.title) and "988" not in whole:
        yield "a guide on mood, self-harm or addiction names 988."
    if _POISON.search(guide.title) and "1-800-222-1222" not in whole:
        yield "a guide on overdose or poisoning names Poison Control, 1-800-222-1222."
