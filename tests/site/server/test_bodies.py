"""Bodies are read within limits of time and memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from mahalleh_site.server import bodies
from mahalleh_site.server.bodies import FREE, Held, UnreadError

pytestmark = pytest.mark.real_clock("time limits are kept by the machine's clock")


async def sender(*pieces: bytes, pause: float = 0.0, then: float | None = None) -> AsyncIterator[bytes]:
    """Somebody who sends these pieces, and then nothing for `then` seconds, or the end."""
    for piece in pieces:
        await asyncio.sleep(pause)
        yield piece
    if then is not None:
        await asyncio.sleep(then)
    yield b""


def read(pieces, length, held=None):
    async def all_of_it():
        async with bodies.body(pieces, length=length, held=held or Held()) as body:
            return body

    return asyncio.run(all_of_it())


def test_body__is_what_was_sent():
    assert read(sender(b"words ", b"and more"), 14) == b"words and more"
    assert read(sender(), 0) == b""


@pytest.mark.parametrize(
    "slow", [{"then": 9.0}, {"pause": 0.02}], ids=["silent after its beginning", "a byte now and then"]
)
def test_body__that_comes_too_slowly_is_given_up(monkeypatch, slow):
    monkeypatch.setattr(bodies, "PATIENCE", 0.3)
    with pytest.raises(UnreadError) as given_up:
        read(sender(*[b"a"] * 200, **slow), 1000)
    assert given_up.value.status == 408


def test_body__that_began_fast_earns_no_long_silence(monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.2)
    monkeypatch.setattr(bodies, "SLOWEST", 10)
    with pytest.raises(UnreadError) as given_up:
        read(sender(b"a" * 900, then=2.0), 1000)
    assert given_up.value.status == 408


def test_body__over_a_poor_line_is_read_to_its_end(monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.2)
    pieces = [b"a" * 400] * 10  # 400 bytes in 50 ms are four times the slowest; in all twice the patience
    assert len(read(sender(*pieces, pause=0.05), 4000)) == 4000


def test_body__of_one_who_left_is_dropped():
    with pytest.raises(UnreadError) as left:
        read(sender(b"half"), 1000)
    assert left.value.status is None


def test_bodies__are_held_up_to_a_limit_and_words_get_through_all_the_same():
    held = Held(most=100_000)
    large = FREE + 60_000

    async def together():
        async with bodies.body(sender(b"a" * large), length=large, held=held):
            assert held.now == 60_000
            with pytest.raises(UnreadError) as refused:
                async with bodies.body(sender(b"b" * large), length=large, held=held):
                    pass
            assert refused.value.status == 503
            assert held.now == 60_000
            async with bodies.body(sender(b"c" * FREE), length=FREE, held=held) as words:
                assert len(words) == FREE

    asyncio.run(together())
    assert held.now == 0


def test_bodies__count_each_byte_once():
    held = Held()

    async def one():
        pieces = [b"a" * 50_000] * 4
        async with bodies.body(sender(*pieces), length=200_000, held=held):
            assert held.now == 200_000 - FREE

    asyncio.run(one())
    assert held.now == 0
