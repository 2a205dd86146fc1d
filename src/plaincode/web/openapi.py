"""The OpenAPI 3.1 description of the API, made from the verb table and the nouns that it answers with.

The schemas come from the dataclasses in `model`, by msgspec, so that they cannot fall behind.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import msgspec

from plaincode import __version__, model
from plaincode.verbs import VERBS, Param
from plaincode.web.rest import API, HERE, REST_NAMES, routes

__all__ = ["description"]

ANSWERS: dict[str, type[Any]] = {
    "search": model.SearchResult,
    "show": model.Shown,
    "guide": model.Guide,
    "policies": model.Policies,
    "similar": model.Similar,
    "browse": model.Browse,
    "families": model.Families,
    "systems": model.Systems,
}
_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "state": {"type": "string", "enum": ["true", "false", "unknown"]},
    "int": {"type": "integer"},
    "date": {"type": "string", "format": "date"},
    "many": {"type": "array", "items": {"type": "string"}},
}
_PATH_HELP = {
    "system": "a code system: its id, OMOP name or FHIR address",
    "code": "a code in any spelling",
}
PROBLEM = {
    "type": "object",
    "required": ["error", "what", "where", "do"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "error": {
            "type": "string",
            "enum": [
                "not_found",
                "bad_request",
                "edition_not_loaded",
                "too_large",
                "no_catalog",
                "damaged_catalog",
                "failed",
            ],
        },
        "what": {"type": "string", "description": "one sentence: what is wrong"},
        "where": {"type": "string"},
        "do": {"type": "string", "description": "what to do about it"},
    },
}


def _parameter(param: Param) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": REST_NAMES.get(param.name, param.name),
        "in": "query",
        "required": param.required,
        "description": param.help,
        "schema": _TYPES[param.kind],
    }
    if param.kind == "many":
        out |= {"style": "form", "explode": True}
    return out


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_HELP[name],
            "schema": {"type": "string"},
        }
        for name in re.findall(r"{(\w+)}", path)
    ]


def _content(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {media: {"schema": schema}}


def _responses(schema: dict[str, Any], *, choices: bool, not_found: bool) -> dict[str, Any]:
    failed = {
        "description": "What is wrong, where, and what to do.",
        "content": _content({"$ref": "#/components/schemas/Problem"}, "application/problem+json"),
    }
    out: dict[str, Any] = {
        "200": {"description": "The answer.", "content": _content(schema)},
        "304": {"description": "Nothing has changed since the given ETag."},
        "400": failed,
        "503": failed,
    }
    if choices:
        out["300"] = {
            "description": "Several codes answer to it.",
            "content": _content({"$ref": "#/components/schemas/Choices"}),
        }
    if not_found:
        out["404"] = failed
    return dict(sorted(out.items()))


@functools.cache
def description() -> dict[str, Any]:
    """Return the whole description as builtins."""
    types = [*ANSWERS.values(), model.Choices, model.SystemInfo]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = dict(zip(types, schemas, strict=True))
    verbs = {API + v.rest: v for v in VERBS}
    browse, show = verbs[f"{API}/browse"], verbs[f"{API}/codes/{{system}}/{{code}}"]
    paths: dict[str, dict[str, Any]] = {}
    for method, path, summary, _ in routes():
        asked = verbs.get(path)
        answer: dict[str, Any]
        if asked is not None:
            answer = by_type[ANSWERS[asked.name]]
        elif path.endswith("/children") or path.startswith(f"{API}/browse/"):
            asked, answer = browse, by_type[model.Browse]
        elif path.startswith(f"{API}/families/"):
            answer = by_type[model.Families]
        elif path == f"{API}/codes/{{code}}":
            asked, answer = show, by_type[model.Shown]
        elif path == f"{API}/systems/{{system}}":
            answer = by_type[model.SystemInfo]
        else:
            answer = {
                "type": "object",
                "required": ["found", "not_found"],
                "properties": {
                    "found": {"type": "array", "items": by_type[model.Shown]},
                    "not_found": {"type": "array", "items": {"type": "string"}},
                    "why": {"type": "object", "additionalProperties": {"type": "object"}},
                },
            }
        params = [_parameter(p) for p in (asked.params if asked else ()) if p.name not in HERE]
        operation: dict[str, Any] = {
            "operationId": _operation(method, path),
            "summary": summary,
            "parameters": [*_path_parameters(path), *params],
            "responses": _responses(answer, choices="{code}" in path, not_found="{" in path),
        }
        if method == "POST":
            operation["requestBody"] = {
                "required": True,
                "content": _content(
                    {
                        "type": "object",
                        "required": ["keys"],
                        "properties": {
                            "keys": {"type": "array", "items": {"type": "string"}, "maxItems": 1000}
                        },
                    }
                ),
            }
            operation["responses"]["413"] = operation["responses"]["400"]
            del operation["responses"]["304"]
        paths.setdefault(path, {})[method.lower()] = operation
    for name, summary in (("health", "The process lives."), ("ready", "There is a catalog to answer from.")):
        paths[f"{API}/{name}"] = {
            "get": {
                "operationId": name,
                "summary": summary,
                "responses": {
                    "200": {"description": "Yes.", "content": _content({"type": "object"})},
                    "503": {"description": "Not yet."},
                },
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "plaincode",
            "version": __version__,
            "summary": "Every medical code in plain words.",
            "description": "The answers inform and do not advise. Errors are problem+json with four more "
            "members: error, what, where, do.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components | {"Problem": PROBLEM}},
    }


def _operation(method: str, path: str) -> str:
    words = re.sub(r"[{}]", "", path.removeprefix(API)).strip("/").replace("/", "_")
    return f"{method.lower()}_{words}"
