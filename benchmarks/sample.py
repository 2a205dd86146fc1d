"""Keys to ask for: the same sample each time, drawn from the facts of the snapshot in use."""

from __future__ import annotations

import random
import sqlite3

from plaincode import snapshot
from plaincode.settings import Settings


def keys(count: int, system: str | None = None, seed: int = 2026) -> list[str]:
    """Return distinct keys at random, groupings of ours left out (no release mints them).

    The facts are read here as plain SQL, so that nothing is warmed in the catalog that is timed.
    """
    settings = Settings.read()
    facts = snapshot.current(settings.snapshots) / snapshot.FACTS
    db = sqlite3.connect(f"{facts.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        found = [
            f"{s}:{c}"
            for s, c in db.execute("SELECT DISTINCT system, code FROM concept ORDER BY system, code")
            if (system is None or s == system) and not c[:1].islower()
        ]
    finally:
        db.close()
    return random.Random(seed).sample(found, min(count, len(found)))
