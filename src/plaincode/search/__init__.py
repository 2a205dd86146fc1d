"""Search by words and codes: understand the question, ask the text index, say why.

`understand` and `resolve` read codes in any spelling (also for odd page addresses); `IndexWriter` is for
the build; `Searcher` answers; `more_like` finds codes with the same words. Nothing here knows a code
system or a store: a `Lookup` brings the functions that are needed.
"""

from plaincode.search.alike import more_like
from plaincode.search.codes import Code, Understood, tidy, understand
from plaincode.search.engine import Searcher
from plaincode.search.facets import SearchRequest
from plaincode.search.index import IndexWriter
from plaincode.search.resolve import Found, Lookup, Resolved, ref, resolve
from plaincode.search.shapes import message as looks_like_message
from plaincode.search.words import Vocabulary

__all__ = [
    "Code",
    "Found",
    "IndexWriter",
    "Lookup",
    "Resolved",
    "SearchRequest",
    "Searcher",
    "Understood",
    "Vocabulary",
    "looks_like_message",
    "more_like",
    "ref",
    "resolve",
    "tidy",
    "understand",
]
