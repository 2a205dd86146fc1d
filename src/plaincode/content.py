"""The content folder: where it is, its digest, how its YAML is read and how its files name codes.

`content/` stands at the root of a checkout and inside the package of an installed wheel. YAML is read
without guessing types: every scalar is text (so that `00100` stays a code and `2024-05-01` a date as
written), an empty one is None, and a key given twice is an error.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from plaincode.errors import ContentError, Failed
from plaincode.model import Key

__all__ = ["Known", "Tree", "codes", "digest", "folder", "paths", "tree"]

Known = Callable[[str, str, str], Sequence[str]]
"""(system, first, last) -> the codes that exist from first to last, both included, in order."""

_SUFFIXES = frozenset({".csv", ".md", ".yaml"})
_CPT = re.compile(r"[0-9]{4}[0-9A-Z]")
_HCPCS = re.compile(r"[A-Z][0-9]{4}")
_KEY = re.compile(r"[a-z][a-z0-9]*")


def folder() -> Path:
    """Return the content folder of the wheel, or of the checkout; raise Failed where there is none."""
    here = Path(__file__).resolve()
    for place in (here.parent / "content", here.parents[2] / "content"):
        if (place / "titles").is_dir():
            return place
    raise Failed(
        "The content folder is missing.",
        where=str(here.parent / "content"),
        do="Install plaincode again, or run it from a whole checkout.",
    )


def paths(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name with forward slashes, path) of every content file by name; READMEs are none."""
    found = {
        p.relative_to(root).as_posix(): p
        for p in root.rglob("*")
        if p.suffix in _SUFFIXES and p.name != "README.md" and p.is_file()
    }
    for name in sorted(found):
        if not any(part.startswith(".") for part in name.split("/")):
            yield name, found[name]


def digest(root: Path | None = None) -> str:
    """Return the sha256 over names and bytes of the content files; line ends count as line feeds."""
    total = hashlib.sha256()
    for name, path in paths(root or folder()):
        body = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{name}\0{len(body)}\0".encode())
        total.update(body)
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A piece of YAML: dicts, lists, text and None, and the line of each place in it."""

    name: str
    value: Any
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)

    def line(self, *path: str | int) -> int:
        """Return the line of a place, or of the nearest place around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def where(self, *path: str | int) -> str:
        """Return file and line of a place, as errors name it."""
        return f"{self.name}, line {self.line(*path)}"

    def at(self, *path: str | int) -> Any:
        """Return the value at a place; None where a key is absent."""
        value = self.value
        for step in path:
            value = value.get(step) if isinstance(step, str) else value[step]
        return value

    def mapping(self, required: Sequence[str], optional: Sequence[str] = (), *path: str | int) -> None:
        """Check that a place is a mapping with these keys and no other; raise ContentError otherwise."""
        value = self.at(*path)
        if not isinstance(value, dict):
            raise ContentError("A mapping is expected here.", where=self.where(*path))
        for key in value:
            if key not in required and key not in optional:
                raise ContentError(
                    f"The key {key!r} is not known.",
                    where=self.where(*path, key),
                    do=f"Known: {', '.join((*required, *optional))}.",
                )
        for key in required:
            if value.get(key) is None:
                raise ContentError(f"The key {key!r} is missing or empty.", where=self.where(*path))

    def text(self, *path: str | int) -> str | None:
        """Return the text at a place, or None; raise ContentError where it is not text."""
        value = self.at(*path)
        if value is not None and not isinstance(value, str):
            raise ContentError("Plain text is expected here.", where=self.where(*path))
        return value

    def items(self, *path: str | int) -> list[Any]:
        """Return the list at a place, empty where it is absent; raise ContentError where it is no list."""
        value = self.at(*path)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ContentError("A list is expected here.", where=self.where(*path))
        return value

    def texts(self, *path: str | int) -> tuple[str, ...]:
        """Return the list of texts at a place."""
        found = self.items(*path)
        for number, value in enumerate(found):
            if not isinstance(value, str):
                raise ContentError("Plain text is expected here.", where=self.where(*path, number))
        return tuple(found)


def tree(text: str, name: str, *, first_line: int = 1) -> Tree:
    """Read one YAML document; `first_line` is the line of the file that it starts on."""
    loader = yaml.BaseLoader(text)
    lines: dict[tuple[str | int, ...], int] = {}

    def plain(node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        lines.setdefault(path, node.start_mark.line + first_line)
        if isinstance(node, yaml.MappingNode):
            out: dict[str, Any] = {}
            for key, value in node.value:
                line = key.start_mark.line + first_line
                if not isinstance(key, yaml.ScalarNode):
                    raise ContentError("A key is not plain text.", where=f"{name}, line {line}")
                if key.value in out:
                    raise ContentError(f"The key {key.value!r} stands twice.", where=f"{name}, line {line}")
                lines[(*path, key.value)] = line
                out[key.value] = plain(value, (*path, key.value))
            return out
        if isinstance(node, yaml.SequenceNode):
            return [plain(item, (*path, number)) for number, item in enumerate(node.value)]
        words = str(node.value).strip()
        bare = getattr(node, "style", None) is None
        return None if not words or (bare and words in {"~", "null"}) else words

    try:
        node = loader.get_single_node()
        return Tree(name, None if node is None else plain(node, ()), lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + first_line if error.problem_mark else first_line
        raise ContentError(
            f"This is not YAML: {error.problem or 'it cannot be parsed'}.", where=f"{name}, line {line}"
        ) from None
    except yaml.YAMLError as error:
        raise ContentError(f"This is not YAML: {error}.", where=f"{name}, line {first_line}") from None
    finally:
        loader.dispose()


def codes(entry: str, known: Known, *, where: str) -> tuple[tuple[Key, ...], bool]:
    """Return (the keys that an entry names, whether all it names exist).

    An entry is a code or a range `first-last`, with its system (`icd10cm:E11`) or bare, which is CPT or
    HCPCS. A single code that does not exist is returned all the same, so that it can be reported.
    Raise ContentError for what is neither.
    """
    system, colon, rest = entry.rpartition(":")
    if colon and not _KEY.fullmatch(system):
        raise ContentError(f"{system!r} is no code system.", where=where, do="Write it as icd10cm:E11.")
    first, dash, last = (part.strip() for part in rest.partition("-"))
    if not colon:
        found = {
            "cpt4" if _CPT.fullmatch(c) else "hcpcs" if _HCPCS.fullmatch(c) else ""
            for c in (first, last or first)
        }
        system = found.pop()
        if found or not system:
            raise ContentError(
                f"{entry!r} is no CPT or HCPCS number.", where=where, do="Name the system: icd10cm:E11."
            )
    if not first or (dash and not last) or (last and last < first):
        raise ContentError(f"{entry!r} is no code and no range.", where=where)
    existing = tuple(Key(system, code) for code in known(system, first, last or first))
    if dash:
        return existing, bool(existing)
    return existing or (Key(system, first),), bool(existing)
