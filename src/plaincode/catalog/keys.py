"""Keys as people write them -> the codes meant; and what to say of one that is not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from plaincode.catalog.editions import Editions
from plaincode.errors import BadRequest, NotFound
from plaincode.model import Concept, Key, Ref, is_grouping
from plaincode.search import Lookup, looks_like_message, resolve, understand
from plaincode.search.shapes import possible
from plaincode.store import Store
from plaincode.systems import SYSTEMS, by_name

__all__ = ["Keys", "Meant"]

_LONGEST = 200
_NEAREST = 5


class Meant(NamedTuple):
    """The codes that a text means, best first, and the modifiers beside them."""

    keys: tuple[Key, ...]
    modifiers: tuple[Ref, ...]


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
            system, colon, code = key.partition(":")
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
        text = str(key).strip()
        if not text:
            raise BadRequest("No code was given.", where="key", do="Give one, such as icd10cm:E11.9.")
        if len(text) > _LONGEST:
            raise BadRequest("That is too long for a code.", where="key", do="Give one code at a time.")
        understood = understand(text, self._named)
        if understood.looks_like:
            raise self._not_held(text, understood.looks_like)
        found = resolve(understood, self.lookup).found
        exact = [f for f in found if f.sure] or list(found)
        if understood.span or understood.wildcard or len(understood.codes) > 1:
            raise BadRequest(
                f"{text!r} names several codes.",
                where="key",
                do="Give one code here; search takes ranges, wildcards and lists.",
                more={"choices": [str(f.concept.key) for f in exact[:20]]},
            )
        if found:
            # a guess (a lost zero, O for 0) is offered beside a sure reading, never in its place
            keys = tuple(dict.fromkeys(f.concept.key for f in found))
            modifiers = tuple(dict.fromkeys(m for f in found for m in f.modifiers))
            return Meant(keys, modifiers)
        raise self._unknown(text, understood.system, [c.text for c in understood.codes])

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
        for spelling in spellings or [rest if colon else text]:
            for system_id, normalise in self._loaded.items():
                if system in {None, system_id} and (code := normalise(spelling)) is not None:
                    return self.missing(Key(system_id, code))
        kind = possible(text)
        if kind is not None:
            return self._not_held(text, kind)
        return NotFound(f"No code is spelled {text[:60]!r}.", where="key", do="Search for it by words.")

    def missing(self, key: Key, on: str | None = None) -> NotFound:
        """Return the error for a code that no loaded file of its system has."""
        system = SYSTEMS[key.system]
        ancestor = self._ancestor(key)
        near = [f"{key.system}:{code}" for code in self._store.neighbours(key, _NEAREST)]
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

    def _ancestor(self, key: Key) -> Concept | None:
        """Return the longest known beginning of a code that is itself a code."""
        for length in range(len(key.code) - 1, 1, -1):
            beginning = key.code[:length].rstrip(".")
            concept = self._store.get(Key(key.system, beginning))
            if concept is not None and not is_grouping(concept.code):
                return concept
        return None
