"""REST under /api/v1, made from the verb table: the same questions and the same answers as at every door.

A parameter that an address does not take is refused by name, so that a misspelt filter is not silently
left out. A bare code that several systems own answers 300 with the choices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from plaincode import __version__
from plaincode.errors import BadRequest, NotFound, PlaincodeError, TooLarge
from plaincode.model import Choices
from plaincode.systems import by_name
from plaincode.verbs import VERBS, Param, Verb, parse, verb
from plaincode.web.holder import Held
from plaincode.web.reply import Ask, Handler, Reply, json_reply, problem

__all__ = ["API", "HERE", "REST_NAMES", "health", "openapi", "ready", "routes"]

API = "/api/v1"
MOST_KEYS = 1_000
# The command line says `query`; in an address it is the `q` that every search box uses.
REST_NAMES = {"query": "q"}
HERE = ("key", "at")  # parameters that an address writes as a path


def _query_params(asked: Verb) -> tuple[Param, ...]:
    return tuple(p for p in asked.params if p.name not in HERE)


def _values(ask: Ask, params: tuple[Param, ...]) -> dict[str, Any]:
    """Return the parameters of an address, parsed; raise BadRequest for one it does not take."""
    if not ask.raw_query and not any(p.required for p in params):
        return {}
    names = {REST_NAMES.get(p.name, p.name): p for p in params}
    for given in ask.query:
        if given not in names:
            takes = ", ".join(names) or "none"
            raise BadRequest(
                f"{given[:40]!r} is no parameter of this address.", where="query", do=f"It takes: {takes}."
            )
    values = {}
    for name, param in names.items():
        texts = ask.query.get(name)
        if texts:
            values[param.name] = parse(param, texts)
        elif param.required:
            raise BadRequest(f"{name} is missing.", where=name, do=f"Add ?{name}=…")
    return values


def _answer(found: Any) -> Reply:
    return json_reply(found, 300 if isinstance(found, Choices) else 200)


def _key(ask: Ask) -> str:
    name = ask.parts["system"]
    known = by_name(name)
    return f"{known.id if known else name}:{ask.parts['code']}"


def _asking(asked: Verb, place: str | None) -> Handler:
    """Return a handler that runs a verb; `place` names the parameter that the path fills."""
    params, run = _query_params(asked), asked.run

    def handle(ask: Ask) -> Reply:
        values = _values(ask, params)
        parts = ask.parts
        if place is not None and parts:
            if "system" not in parts:
                values[place] = parts["code"]
            elif "code" in parts:
                values[place] = _key(ask)
            else:
                values[place] = parts["system"]
        return _answer(run(ask.catalog, **values))

    return handle


def children(ask: Ask) -> Reply:
    """Answer what stands directly below a code."""
    on = _values(ask, _ON).get("on")
    return _answer((ask.catalog.on(on) if on else ask.catalog).children(_key(ask)))


_ON = tuple(p for p in verb("show").params if p.name == "on")


def one_system(ask: Ask) -> Reply:
    """Answer one code system."""
    _values(ask, ())
    return json_reply(ask.catalog.system(ask.parts["system"]))


class _Keys(msgspec.Struct):
    keys: list[str]


_keys = msgspec.json.Decoder(_Keys).decode


def many(ask: Ask) -> Reply:
    """Answer up to a thousand keys at once."""
    _values(ask, ())
    try:
        keys = _keys(ask.body).keys
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadRequest(
            "The body is not a JSON object with a list of texts under keys.",
            where="body",
            do='Send {"keys": ["icd10cm:E11.9", "62282"]}.',
        ) from None
    if len(keys) > MOST_KEYS:
        raise TooLarge(
            f"{len(keys):,} keys were asked for.",
            where="keys",
            do=f"Ask for {MOST_KEYS:,} at a time.",
        )
    found, missing = ask.catalog.lookup(keys)
    answer = {"found": found, "not_found": list(missing), "why": missing}
    return json_reply(answer, keep=False)


def lost(_: Ask) -> Reply:
    """Answer an address of the API that nothing stands at."""
    raise NotFound("There is nothing at this address.", do="The addresses stand in /openapi.json.")


def health(_held: Held | None, _error: PlaincodeError | None) -> Reply:
    """Answer that the process lives, whatever it holds."""
    return json_reply({"status": "ok", "plaincode": __version__}, keep=False)


def ready(held: Held | None, error: PlaincodeError | None) -> Reply:
    """Answer whether there is a catalog to answer from, and which."""
    if held is None:
        return problem(error) if error else json_reply({"status": "opening"}, 503, keep=False)
    body = {"status": "ready", "snapshot": held.catalog.id, "built": held.catalog.built}
    return json_reply(body, keep=False)


def routes() -> list[tuple[str, str, str, Callable[[Ask], Reply]]]:
    """Return (method, path, summary, handler) of every address, the busiest first."""
    made: list[tuple[str, str, str, Callable[[Ask], Reply]]] = []
    for asked in VERBS:
        path = API + asked.rest
        names = {p.name for p in asked.params}
        place = next((n for n in HERE if n in names), None)
        made.append(("GET", path, asked.summary, _asking(asked, place)))
        if asked.name == "browse":
            tails = ("/{system}", "/{system}/{code}")
            made += [("GET", path + tail, asked.summary, _asking(asked, place)) for tail in tails]
        if asked.name == "families":
            made.append(("GET", path + "/{code}", asked.summary, _asking(asked, place)))
    made += [
        ("GET", f"{API}/codes/{{system}}/{{code}}/children", "What stands directly below a code.", children),
        ("GET", f"{API}/codes/{{code}}", "A code without its system: the code, or the choices.", _bare()),
        ("POST", f"{API}/codes", "Up to 1,000 codes at once.", many),
        ("GET", f"{API}/systems/{{system}}", "One code system.", one_system),
    ]
    first = (f"{API}/codes/{{system}}/{{code}}",)
    return sorted(made, key=lambda r: r[1] not in first)


def _bare() -> Handler:
    return _asking(verb("show"), "key")


def openapi(_: Ask) -> Reply:
    """Answer the description of the API (OpenAPI 3.1)."""
    from plaincode.web.openapi import description  # noqa: PLC0415 - it is made from these routes

    return json_reply(description())
