"""The shelf of kept answers is bounded, forgets the longest unused, and packs once."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from plaincode.web.cache import Kept, Shelf, squeeze
from plaincode.web.reply import Reply


def kept(size):
    return Kept(Reply(200, b"x" * size), b'W/"x"', "/")


def test_the_longest_unused_goes_first():
    shelf = Shelf(limit=16_000)
    for name in (b"a", b"b", b"c", b"d", b"e", b"f"):
        shelf.put(name, kept(1_000))
    assert shelf.get(b"a") is not None
    for name in (b"g", b"h", b"i", b"j"):
        shelf.put(name, kept(1_000))
    assert shelf.get(b"a") is not None
    assert shelf.get(b"b") is None
    assert shelf.get(b"j") is not None


def test_one_answer_never_fills_the_shelf():
    shelf = Shelf(limit=16_000)
    shelf.put(b"a", kept(100))
    shelf.put(b"big", kept(10_000))
    assert shelf.get(b"big") is None
    assert shelf.get(b"a") is not None


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.integers(0, 3_000)), max_size=60))
def test_the_size_is_the_sum_of_what_is_kept_and_within_the_limit(puts):
    shelf = Shelf(limit=20_000)
    for name, size in puts:
        shelf.put(name, kept(size))
    assert shelf.size == sum(shelf._cost(k) for k in shelf._kept.values())
    assert shelf.size <= shelf.limit
    shelf.clear()
    assert (len(shelf), shelf.size) == (0, 0)


@given(st.binary(max_size=5_000))
def test_what_was_packed_unpacks_to_the_same(body):
    assert zlib.decompress(squeeze(body), 31) == body
    assert squeeze(body) == squeeze(body)
