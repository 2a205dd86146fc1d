"""The snapshot that is being served, and its replacement while requests run.

At most once a second a request looks whether another snapshot has been published (one `lstat`). The
new one is opened in a thread while the old one goes on answering, then takes its place in one
assignment. The old one is closed when its last request has ended. A snapshot that cannot be opened
leaves the old one serving and is not tried again until something else is published.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plaincode.errors import DamagedCatalog, NoCatalog, PlaincodeError
from plaincode.web import log

if TYPE_CHECKING:
    from plaincode.catalog import Catalog

__all__ = ["Held", "Holder", "stamp_of"]

EVERY = 1.0  # seconds between two looks at the disk


def stamp_of(pointer: Path) -> Hashable:
    """Return what changes when another snapshot is published: None where there is none."""
    try:
        found = pointer.lstat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino, found.st_size)


@dataclass(slots=True, eq=False)
class Held:
    """An open catalog and the number of requests that use it."""

    catalog: Catalog
    tag: bytes
    uses: int = 0
    retired: bool = False


class Holder:
    """Keeps one catalog open and swaps it for the next one.

    `stamp` looks at the disk, `open` opens what is published now, `tag` names what an answer depends
    on (the snapshot and the day, because whether an edition is stale depends on the day).
    """

    def __init__(
        self,
        *,
        stamp: Callable[[], Hashable],
        open: Callable[[], Catalog],
        tag: Callable[[Catalog], bytes],
        clock: Callable[[], float] = time.monotonic,
        swapped: Callable[[], None] = lambda: None,
    ) -> None:
        self._stamp, self._open, self._tag, self._clock = stamp, open, tag, clock
        self.swapped = swapped
        self._held: Held | None = None
        self._error: PlaincodeError = NoCatalog("No catalog has been built yet.", do="Run: plaincode build")
        self._seen: Hashable = object()
        self._looked = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def take(self) -> Held:
        """Return the catalog to answer from; every take is followed by one `give_back`."""
        now = self._clock()
        if now - self._looked >= EVERY:
            self._looked = now
            self._look()
        if self._held is None:
            if self._task is not None:
                await asyncio.shield(self._task)
            if self._held is None:
                raise self._error
        held = self._held
        held.uses += 1
        return held

    def give_back(self, held: Held) -> None:
        """End one use; close a retired catalog after the last."""
        held.uses -= 1
        if held.retired and held.uses == 0:
            held.catalog.close()

    async def close(self) -> None:
        """Wait for a swap under way and close what is open."""
        if self._task is not None:
            await self._task
        if self._held is not None:
            self._retire(self._held)
            self._held = None

    def _look(self) -> None:
        if self._task is not None and not self._task.done():
            return
        stamp = self._stamp()
        if stamp == self._seen:
            held = self._held
            if held is not None:
                tag = self._tag(held.catalog)
                if tag != held.tag:  # another day: what is kept may say something else about editions
                    held.tag = tag
                    self.swapped()
            return
        self._seen = stamp
        self._task = asyncio.get_running_loop().create_task(self._swap())

    async def _swap(self) -> None:
        try:
            catalog = await asyncio.to_thread(self._open)
        except PlaincodeError as error:
            self._error = error
            log.note(f"The published snapshot cannot be opened: {error}")
            return
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a file, the old one goes on serving
            self._error = DamagedCatalog(
                "The published snapshot cannot be opened.", do="Run: plaincode doctor"
            )
            log.failure("opening a snapshot", error)
            return
        old, self._held = self._held, Held(catalog, self._tag(catalog))
        self.swapped()
        if old is not None:
            self._retire(old)

    @staticmethod
    def _retire(held: Held) -> None:
        held.retired = True
        if held.uses == 0:
            held.catalog.close()
