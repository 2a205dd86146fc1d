"""Keys as people write them -> the codes meant; and what to say of one that is not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import islice
from typing import NamedTuple

from plaincode.catalog.editions import Editions
from plaincode.errors import BadRequest, NotFound
from plaincode.model import Concept, Key, Ref, is_grouping
from plaincode.search import Code, Found, Lookup, looks_like_message, resolve, understand
from plaincode.search.shapes import possible
from plaincode.store import Store
from plaincode.systems import SYSTEMS, by_name

__all__ = ["Keys", "Meant"]

_LONGEST = 200
_NEAREST = 5
_URLS = ("http:", "https:", "urn:")


class Meant(NamedTuple):
    """The codes that a text means, best first, and the modifiers beside them.

    `sure` is false where every code is a guess (a lost zero, another system than the one named): then
    even a single one is offered as a choice. `said` is what there is to say of a modifier not held.
    """

    keys: tuple[Key, ...]
    modifiers: tuple[Ref, ...] = ()
    sure: bool = True
    said: str | None = None


class Keys:
    """Reads keys against one snapshot."""

    def __init__(self, store: Store, editions: Editions, concept: Callable[[Key], Concept | None]) -> None:
        self._store = store
        self._editions = editions
        self._loaded = {s: SYSTEMS[s].normalise for s in editions.systems()}
        self.lookup = Lookup(concept=concept, normalise=self._loaded, named=self._named)

    def _named(self, name: str) -> str | None:
        system = by_name(name)
        return system.id if system and system.id in self._loaded else None

    def exact(self, key: str | Key) -> Key | None:
        """Return the key of `system:code`, well spelled or not; None where no system is named."""
        if isinstance(key, str):
            # a FHIR URL has colons of its own; FHIR's tokens part it from the code with a bar
            parted = key.rpartition if key.startswith(_URLS) else key.partition
            system, colon, code = parted("|" if "|" in key else ":")
            if not colon:
                return None
        else:
            system, code = key
        normalise = self._loaded.get(system)
        if normalise is None:
            known = by_name(system)
            normalise = self._loaded.get(known.id) if known else None
            if known is None or normalise is None:
                return None
            system = known.id
        spelled = normalise(code)
        return Key(system, spelled) if spelled is not None else None

    def resolve(self, key: str | Key) -> Meant:
        """Return what a text means. Raises NotFound, with what is near, and BadRequest for no text."""
        text = str(key).encode("utf-8", "replace").decode().strip()  # half a surrogate pair is no text
        if not text:
            raise BadRequest("No code was given.", where="key", do="Give one, such as icd10cm:E11.9.")
        if len(text) > _LONGEST:
            raise BadRequest("That is too long for a code.", where="key", do="Give one code at a time.")
        understood = understand(text, self._named)
        if understood.looks_like:
            raise self._not_held(text, understood.looks_like)
        resolved = resolve(understood, self.lookup)
        found = resolved.found
        exact = [f for f in found if f.sure] or list(found)
        whole = self._whole(text) if understood.wildcard or not found else ()
        if whole:
            return Meant(whole)
        if understood.span or understood.wildcard or len(understood.codes) > 1:
            raise BadRequest(
                f"{text!r} names several codes.",
                where="key",
                do="Give one code here; search takes ranges, wildcards and lists.",
                more={"choices": [str(f.concept.key) for f in exact[:20]]},
            )
        if found and understood.system:
            own = tuple(f for f in found if f.concept.system == understood.system)
            if not own:
                raise self._elsewhere(text, understood.system, understood.codes[0].text, found)
            found = own
        if found:
            # a guess (a lost zero, O for 0) is offered beside a sure reading, never in its place
            keys = tuple(dict.fromkeys(f.concept.key for f in found))
            modifiers = tuple(dict.fromkeys(m for f in found for m in f.modifiers))
            sure = any(f.sure and not _guessed(understood.codes[0], f.concept) for f in found)
            aside = (
                f"“{understood.words}” was left aside." if understood.words and not understood.bill else ""
            )
            said = " ".join(filter(None, (*resolved.messages, aside)))
            return Meant(keys, modifiers, sure, said or None)
        raise self._unknown(text, understood.system, [c.text for c in understood.codes])

    def _elsewhere(self, text: str, system: str, spelling: str, found: tuple[Found, ...]) -> NotFound:
        """Return the error for a code that the named system lacks and another one has."""
        code = self._loaded[system](spelling)
        error = (
            self.missing(Key(system, code)) if code is not None else self._unknown(text, system, [spelling])
        )
        others = [str(f.concept.key) for f in found]
        do = f"{error.do} Other code systems have it: {', '.join(others[:5])}."
        return NotFound(error.what, where=error.where, do=do, more={**error.more, "elsewhere": others})

    def _whole(self, text: str) -> tuple[Key, ...]:
        """Return the codes that a text names as it stands: `chapter-13`, X1 (no units), S06.1X (no `*`)."""
        spelled = ((s, normalise(text)) for s, normalise in self._loaded.items())
        keys = [Key(s, code) for s, code in spelled if code is not None]
        return tuple(key for key in keys if self._store.get(key) is not None)

    def _not_held(self, text: str, kind: str) -> NotFound:
        return NotFound(
            looks_like_message(kind),
            where=text,
            do="Search all medical codes for words instead.",
            more={"looks_like": kind},
        )

    def _unknown(self, text: str, system: str | None, spellings: list[str]) -> NotFound:
        named, colon, rest = text.partition(":")
        if colon and by_name(named) is None:
            return NotFound(
                f"{named[:40]!r} is no code system that plaincode knows.",
                where="key",
                do=f"Loaded: {', '.join(self._loaded)}.",
            )
        if colon and self._named(named) is None:
            return NotFound(f"{named} is not loaded.", where="key", do=f"Loaded: {', '.join(self._loaded)}.")
        kind = possible(text) if system is None else None
        if kind is not None:
            return self._not_held(text, kind)
        for spelling in spellings or [rest if colon else text]:
            for system_id, normalise in self._loaded.items():
                if system in {None, system_id} and (code := normalise(spelling)) is not None:
                    return self.missing(Key(system_id, code))
        return NotFound(
            f"No code is spelled {text[:60]!r}.",
            where="key",
            do="Search for it by words.",
            more={"ancestor": None, "nearest": self._beginning(text.upper())},
        )

    def _beginning(self, text: str) -> list[str]:
        """Return the first codes of any system that begin with a text."""
        found: list[str] = []
        for system in self._loaded:
            if len(text) > 1 and len(found) < _NEAREST:
                beside = self._store.span(system, text, text + "\x7f", _NEAREST - len(found))
                found += [str(c.key) for c in beside]
        return found

    def missing(self, key: Key, on: str | None = None) -> NotFound:
        """Return the error for a code that no loaded file of its system has."""
        system = SYSTEMS[key.system]
        ancestor = self._ancestor(key, on)
        beside = self._store.neighbours(key, _NEAREST if on is None else 4 * _NEAREST)
        held = (c for c in beside if on is None or self._store.get(Key(key.system, c), on) is not None)
        near = [f"{key.system}:{code}" for code in islice(held, _NEAREST)]
        more = {
            "system": key.system,
            "code": key.code,
            "ancestor": f"{key.system}:{ancestor.code}" if ancestor else None,
            "nearest": near,
        }
        newest = self._editions.newest(key.system)
        if on is not None:
            release = self._editions.covering(key.system, on)
            what = f"{key.code} is not in {system.name} {release.version}."
            return NotFound(what, where=f"on={on}", do="Leave the date out to see other editions.", more=more)
        if newest is None or newest.kind != "edition":
            what = f"No list that is loaded has the {system.name} number {key.code}."
            return NotFound(what, where=str(key), do="It may be new, or misread; see the nearest.", more=more)
        ref = self._editions.ref(newest, key.system)
        what = f"{key.code} is not in {newest.version}"
        if ref.stale:
            due = system.calendar(date.fromisoformat(self._editions.today))
            what += f"; it may be new in {due.version if due else ref.in_force}, which is not loaded."
        else:
            what += f" of {system.name}."
        return NotFound(what, where=str(key), do="See the nearest codes, or load a newer edition.", more=more)

    def _ancestor(self, key: Key, on: str | None) -> Concept | None:
        """Return the longest known beginning of a code, else the grouping that it would stand in."""
        for length in range(len(key.code) - 1, 1, -1):
            beginning = key.code[:length].rstrip(".")
            concept = self._store.get(Key(key.system, beginning), on)
            if concept is not None and not is_grouping(concept.code) and concept.kind != "modifier":
                return concept
        stem = key.code[:3]
        groupings = (f"table-{stem}", f"range-{stem}", f"range-{stem[:2]}")
        held = (self._store.get(Key(key.system, code), on) for code in groupings)
        return next((concept for concept in held if concept is not None), None)


def _guessed(asked: Code, concept: Concept) -> bool:
    """Tell whether a code is of another system than the one named, or has zeros that were not typed."""
    if asked.system is not None:
        return concept.system != asked.system
    plain = concept.code.replace(".", "")
    return asked.text.isdigit() and len(plain) > len(asked.text) and plain.endswith(asked.text)
