"""Facts by (system, code, from, to): the Store protocol, memory (the specification), sqlite."""

from plaincode.store.memory import MemoryStore
from plaincode.store.protocol import Row, Store
from plaincode.store.sqlite import SqliteStore, SqliteWriter

__all__ = ["MemoryStore", "Row", "SqliteStore", "SqliteWriter", "Store"]
