"""Answers kept in memory: least recently used first out, bounded by bytes, keyed by snapshot and address.

An entry keeps the plain body and, once somebody asked for it, the compressed one. Nothing in here
outlives its snapshot: the key begins with the snapshot's tag, and `clear` empties the shelf at a swap.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from dataclasses import dataclass, field

from plaincode.web.reply import Reply

__all__ = ["Kept", "Shelf", "squeeze"]

# An answer shorter than this is not worth compressing: the gzip frame alone is 18 bytes.
WORTH_SQUEEZING = 1000
# Level 1 costs a fifth of level 6 and leaves a page of 40 KB at 9 KB instead of 8 KB.
LEVEL = 1


def squeeze(body: bytes, level: int = LEVEL) -> bytes:
    """Return the body in the gzip format, the same bytes for the same body."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


@dataclass(slots=True)
class Kept:
    """A reply with its tag and the route that made it."""

    reply: Reply
    etag: bytes
    route: str
    squeezed: bytes | None = field(default=None)

    @property
    def compressible(self) -> bool:
        """Tell whether the body gains by compression."""
        return len(self.reply.body) >= WORTH_SQUEEZING and not self.reply.media.startswith("image/png")

    def packed(self) -> bytes:
        """Return the compressed body, made once."""
        if self.squeezed is None:
            self.squeezed = squeeze(self.reply.body)
        return self.squeezed


class Shelf:
    """A bounded map from (snapshot tag, address) to a kept reply."""

    def __init__(self, limit: int = 48_000_000) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: bytes) -> Kept | None:
        """Return what is kept for an address and count it as used now."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: bytes, kept: Kept) -> None:
        """Keep a reply, and drop the longest unused ones while the shelf is too full."""
        cost = self._cost(kept)
        if cost > self.limit // 8:
            return
        old = self._kept.pop(key, None)
        if old is not None:
            self.size -= self._cost(old)
        self._kept[key] = kept
        self.size += cost
        while self.size > self.limit:
            _, dropped = self._kept.popitem(last=False)
            self.size -= self._cost(dropped)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self.size = 0

    @staticmethod
    def _cost(kept: Kept) -> int:
        # The compressed copy comes later and is about a quarter; it is counted from the start so that
        # the sum stays true without bookkeeping.
        return len(kept.reply.body) * 5 // 4 + 600
