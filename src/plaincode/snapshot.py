"""A snapshot: an immutable folder with a manifest, published by an atomic rename.

    snapshots/
      current            the name of the snapshot in use, one line
      20261123T081500Z-1a2b3c4d/
        manifest.json    format, digests, releases, counts, warnings
        facts.sqlite     the facts
        words/           the text index
      .building-…        a build under way, or what a killed one left

Two digests: `content`, over canonical rows, equal for equal inputs on any machine; and one for each
file, to find damage. Opening refuses a manifest that it does not know.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plaincode.errors import DamagedCatalog, Failed, NoCatalog

__all__ = ["FACTS", "FORMAT", "WORDS", "Manifest", "building", "current", "read", "verify"]

FORMAT = 2
FACTS = "facts.sqlite"
WORDS = "words"
_KEPT = 2
_REBUILD = "Run `plaincode build` to make it again."


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself. `releases`, `problems` and `counts` are as the data page shows.

    `private`: it holds words whose licence forbids giving them away. `starter`: nothing in it but what the
    starter brings, so that it can be built again without asking.
    """

    id: str
    built: str
    plaincode: str
    content: str
    inputs: str
    releases: list[dict[str, Any]]
    counts: dict[str, dict[str, int]]
    problems: list[dict[str, Any]]
    problem_counts: dict[str, int]
    holes: list[str]
    unrecognised: list[str]
    private: bool = False
    starter: bool = True
    format: int = FORMAT
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json" and not path.name.endswith(".lock")
    }


def read(folder: Path) -> Manifest:
    """Return the manifest of a snapshot; raise DamagedCatalog for one that is not known or not whole."""
    try:
        made = json.loads((folder / "manifest.json").read_text("utf-8"))
        if made.get("format") != FORMAT:
            raise DamagedCatalog(
                f"The snapshot has format {made.get('format')!r}; this plaincode reads {FORMAT}.",
                where=folder.name,
                do=_REBUILD,
            )
        manifest = Manifest(**made)
        sizes = {str(name): int(stated["bytes"]) for name, stated in manifest.files.items()}
        digests = [stated["sha256"] for stated in manifest.files.values()]
        if not sizes or not all(isinstance(digest, str) for digest in digests):
            raise ValueError("it states no files")
    except FileNotFoundError:
        raise DamagedCatalog("The snapshot has no manifest.", where=folder.name, do=_REBUILD) from None
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise DamagedCatalog(
            f"The manifest cannot be read: {error}.", where=folder.name, do=_REBUILD
        ) from None
    for name, size in sizes.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise DamagedCatalog(
                f"The file {name} is missing or has another size.", where=folder.name, do=_REBUILD
            )
    return manifest


def verify(folder: Path) -> list[str]:
    """Return the names of the files whose content is not what the manifest states."""
    manifest = read(folder)
    return [n for n, stated in manifest.files.items() if _digest(folder / n) != stated["sha256"]]


def current(snapshots: Path) -> Path:
    """Return the folder of the snapshot in use; raise NoCatalog where there is none."""
    try:
        name = (snapshots / "current").read_text("utf-8").strip()
    except FileNotFoundError:
        raise NoCatalog(
            "There is no catalog yet.",
            where=str(snapshots),
            do="Run `plaincode build` to make the starter catalog.",
        ) from None
    folder = snapshots / name
    if not name or not folder.is_dir():
        raise DamagedCatalog(
            f"The snapshot in use, {name or '(none)'}, is not there.", where=str(snapshots), do=_REBUILD
        )
    return folder


@contextmanager
def building(snapshots: Path) -> Iterator[Path]:
    """Give a scratch folder beside the snapshots, and take it away afterwards whatever happens."""
    try:
        snapshots.mkdir(parents=True, exist_ok=True)
        for old in snapshots.glob(".building-*"):
            if not _alive(old):
                shutil.rmtree(old, ignore_errors=True)
        scratch = snapshots / f".building-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        scratch.mkdir()
    except OSError as error:
        raise Failed(
            f"The folder for snapshots cannot be written: {error.strerror}.",
            where=str(snapshots),
            do="Set PLAINCODE_HOME to a folder that you may write.",
        ) from None
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _alive(scratch: Path) -> bool:
    """Tell whether the process that made a scratch folder still runs."""
    try:
        os.kill(int(scratch.name.split("-")[1]), 0)
    except (ValueError, IndexError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def publish(scratch: Path, manifest: dict[str, Any]) -> Path:
    """Seal a scratch folder as a snapshot and make it the one in use, atomically."""
    snapshots = scratch.parent
    now = datetime.now(UTC)
    sealed = Manifest(
        **manifest,
        id=f"{now:%Y%m%dT%H%M%SZ}-{manifest['content'][:8]}",
        built=now.isoformat(timespec="seconds"),
        files=_files(scratch),
    )
    text = json.dumps(asdict(sealed), ensure_ascii=False, indent=1)
    (scratch / "manifest.json").write_text(text + "\n", "utf-8")
    folder = snapshots / sealed.id
    if folder.exists():
        folder = snapshots / f"{sealed.id}-{uuid.uuid4().hex[:4]}"
    scratch.rename(folder)
    pointer = snapshots / f".current-{uuid.uuid4().hex[:8]}"
    pointer.write_text(folder.name + "\n", "utf-8")
    pointer.replace(snapshots / "current")
    _prune(snapshots, folder.name)
    return folder


def _prune(snapshots: Path, in_use: str) -> None:
    """Keep the newest snapshots; a server that still reads an older one has its files open."""
    held = sorted(p for p in snapshots.iterdir() if p.is_dir() and not p.name.startswith("."))
    others = [p for p in held if p.name != in_use]
    for old in others[: max(0, len(others) - (_KEPT - 1))]:
        shutil.rmtree(old, ignore_errors=True)
