"""The shipped configuration of nginx: what it passes on, what it refuses, and what it never writes down."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import random
import re
import socket
import ssl
import time
from contextlib import suppress

import pytest

from benchmarks import _attackers as attackers
from benchmarks._attackers import Connection, Target, ask
from tests.deploy.conftest import LARGE
from tools import front

pytestmark = pytest.mark.real_clock("another program keeps the time limits")
HONEST = "127.0.0.77"
FORM = b"POST / HTTP/1.1\r\nHost: city.example\r\nContent-Length: 1000\r\n\r\nwords="


def target(nginx) -> Target:
    return Target(nginx.https, nginx.tls, "/large")


def raw(nginx, said: bytes, *, source: str = HONEST, tls: bool = True, wait: float = 30.0) -> bytes:
    """All that is answered to these bytes."""

    async def one() -> bytes:
        connection = await Connection.open(target(nginx), source=source, tls=tls)
        try:
            await connection.send(said)
            async with asyncio.timeout(wait):
                return await connection.rest()
        finally:
            await connection.end()

    return asyncio.run(one())


def marks(nginx) -> list[int]:
    """When something was last put into, or taken out of, the folders for what nginx writes to the disk."""
    return [folder.stat().st_mtime_ns for folder in nginx.temporary]


def test_request__is_told_by_nginx_and_not_by_the_visitor(nginx):
    lies = (
        b"GET /a?b=c HTTP/1.1\r\nHost: city.example\r\nConnection: close\r\n"
        b"X-Forwarded-For: 198.51.100.7\r\nX_Forwarded_For: 198.51.100.8\r\nForwarded: for=198.51.100.9\r\n"
        b"X-Forwarded-Proto: http\r\nX-Forwarded-Host: elsewhere.example\r\n\r\n"
    )
    told = json.loads(raw(nginx, lies).partition(b"\r\n\r\n")[2])
    headers = dict(told["headers"])
    assert told["path"] == "/a?b=c"
    assert len(headers) == len(told["headers"])  # each once
    assert headers["x-forwarded-for"] == HONEST
    assert headers["x-forwarded-proto"] == "https"
    assert headers["host"] == "city.example"
    assert not {"forwarded", "x-forwarded-host", "x_forwarded_for"} & headers.keys()


def test_bodies_and_downloads__never_touch_the_disk(nginx):
    before = marks(nginx)
    form = b"a" * 40_000_000

    async def both():
        slow = await Connection.open(target(nginx), source=HONEST, window=2048)
        await slow.send(b"GET /large HTTP/1.1\r\nHost: city.example\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(1.0)  # nginx has taken what it takes
        sent = await ask(target(nginx), "/", source=HONEST, form=form)
        got = await slow.rest()
        await slow.end()
        return sent, got

    (status, told), got = asyncio.run(both())
    assert (status, json.loads(told)["length"]) == (200, len(form))
    assert len(got) > LARGE
    assert marks(nginx) == before


def test_body__of_more_than_three_photos_is_refused_in_both_languages(nginx):
    head = b"POST / HTTP/1.1\r\nHost: city.example\r\nContent-Length: 60000000\r\nConnection: close\r\n\r\n"
    answer = raw(nginx, head).decode()
    assert answer.startswith("HTTP/1.1 413")
    for word in ("Nothing was stored", "چیزی ذخیره نشد", "default-src 'none'", "nosniff", "no-store"):
        assert word in answer


def test_server_that_is_away__is_told_in_both_languages(begun):
    with socket.socket() as nobody:  # bound, and not listening
        nobody.bind(("127.0.0.1", 0))
        answer = raw(
            begun(nobody.getsockname()[1]),
            b"GET / HTTP/1.1\r\nHost: city.example\r\nConnection: close\r\n\r\n",
        ).decode()
    assert answer.startswith("HTTP/1.1 502")
    assert "does not answer just now" in answer
    assert "پاسخ نمی‌دهد" in answer


def test_one_address__cannot_take_all_connections(nginx):
    async def crowd():
        many = [await Connection.open(target(nginx), source="127.66.0.1") for _ in range(30)]
        for each in many:
            await each.send(FORM)
        await asyncio.sleep(0.5)
        refused, _ = await ask(target(nginx), "/", source="127.66.0.1", form=b"a")
        reads, _ = await ask(target(nginx), "/", source="127.66.0.1")
        honest, _ = await ask(target(nginx), "/", source=HONEST, form=b"a")
        for each in many:
            await each.end()
        return refused, reads, honest

    assert asyncio.run(crowd()) == (429, 200, 200)


def test_forms_of_one_address__come_a_few_a_second(nginx):
    async def flood(source):
        return [(await ask(target(nginx), "/", source=source, form=b"a"))[0] for _ in range(70)]

    began = time.monotonic()
    answers = asyncio.run(flood("127.66.0.2"))
    allowed = 41 + 5 * (time.monotonic() - began)
    assert answers[:41] == [200] * 41  # a class of thirty behind one address, all at once
    assert answers.count(200) <= allowed + 1


@pytest.mark.parametrize("name", ["silent connections", "slow headers"])
def test_connection__that_says_nothing_is_ended(nginx, name):
    async def wait():
        began = time.monotonic()
        connection = await Connection.open(target(nginx), source=HONEST, tls=name != "silent connections")
        if name == "slow headers":
            await connection.send(b"GET / HTTP/1.1\r\n")
            lines = asyncio.create_task(trickle(connection))
        await connection.rest()
        await connection.end()
        if name == "slow headers":
            lines.cancel()
        return time.monotonic() - began

    async def trickle(connection):
        with suppress(OSError):
            while True:
                await asyncio.sleep(1.0)
                await connection.send(b"X-A: a\r\n")

    assert 8 < asyncio.run(wait()) < 25


def test_other_names__are_not_served(nginx):
    stranger = Target(nginx.https, nginx.tls, "/", host="elsewhere.example")
    with pytest.raises(OSError):  # noqa: PT011  (TLS refuses in several ways)
        asyncio.run(ask(stranger, "/", source=HONEST))
    plain = Target(nginx.http, None, "/", host="elsewhere.example")
    with pytest.raises(OSError):  # noqa: PT011
        asyncio.run(ask(plain, "/", source=HONEST))


def test_http__leads_to_https_at_the_citys_own_name(nginx):
    plain = Target(nginx.http, None, "/", host="city.example")

    async def one():
        connection = await Connection.open(plain, source=HONEST)
        await connection.send(b"GET /fa/?a=b HTTP/1.1\r\nHost: city.example\r\nConnection: close\r\n\r\n")
        answer = await connection.rest()
        await connection.end()
        return answer

    assert b"Location: https://city.example/fa/?a=b\r\n" in asyncio.run(one())


def provoke(nginx) -> None:
    """Everything of which nginx would write down who did it."""

    async def all_of_it():
        tasks = [
            asyncio.create_task(attackers.attack(name, target(nginx), 30))
            for name in attackers.ATTACKS
            if name != "large PNG posts"
        ]
        await asyncio.sleep(32.0)  # beyond the limits of time
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        many = [await Connection.open(target(nginx), source="127.66.0.4") for _ in range(30)]
        for each in many:  # beyond the connections
            await each.send(FORM)
        await asyncio.sleep(0.5)
        for each in many:
            await each.end()
        for _ in range(60):  # beyond the rate
            await ask(target(nginx), "/", source="127.66.0.3", form=b"a")

    asyncio.run(all_of_it())
    close = b"Host: city.example\r\nConnection: close\r\n"
    raw(nginx, b"POST / HTTP/1.1\r\n" + close + b"Content-Length: 60000000\r\n\r\n")
    raw(nginx, b"GET / HTTP/1.1\r\nnonsense\r\n\r\n")
    raw(nginx, b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + close + b"\r\n")
    raw(nginx, b"GET / HTTP/1.1\r\n" + close + b"\r\n", tls=False)  # http where TLS is spoken
    raw(nginx, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x00" + b"\x00" * 600, tls=False)  # broken TLS
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("AES128-SHA:@SECLEVEL=0")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError):  # noqa: PT011
        asyncio.run(ask(Target(nginx.https, old, "/"), "/", source=HONEST))


@pytest.mark.slow("time limits of 30 seconds have to be reached")
def test_log__names_nobody_whatever_happens(nginx):
    provoke(nginx)
    assert nginx.log.read_text(encoding="utf-8") == ""
    assert not list(nginx.folder.glob("**/*access*"))
    said = (nginx.folder / "stderr").read_text(encoding="utf-8")
    assert "127.66." not in said
    assert HONEST not in said


@pytest.mark.slow("time limits of 30 seconds have to be reached")
def test_log__would_name_them_at_a_lower_level(begun, behind):
    loud = begun(behind, "info")
    provoke(loud)
    said = loud.log.read_text(encoding="utf-8")
    assert "127.66.0.1" in said
    for reason in (
        "limiting connections",
        "limiting requests",
        "timed out",
        "too large body",
        "SSL_do_handshake",
    ):
        assert reason in said


def test_rules__of_the_file_write_nothing_down():
    text = re.sub(r"#.*", "", front.SHIPPED.read_text(encoding="utf-8"))
    assert re.findall(r"access_log\s+([^;]*);", text) == ["off"]
    assert re.findall(r"error_log\s+([^;]*);", text) == ["stderr emerg"]
    assert "proxy_cache" not in text


def test_visitors__of_ipv6_are_told_apart_by_their_network():
    text = front.SHIPPED.read_text(encoding="utf-8")
    block = text[text.index("map $remote_addr $visitor") :].partition("}")[0]
    rules = [
        (re.compile(pattern.replace("(?<", "(?P<")), value)
        for pattern, value in re.findall(r'"~(\S+)"\s+(\S+);', block)
    ]

    def visitor(address: str) -> str:
        for pattern, value in rules:
            if found := pattern.match(address):
                return re.sub(r"\$(\w+)", lambda name: found[name[1]], value)
        return address

    draws = random.Random(9)
    by_network: dict[str, set[str]] = {}
    for _ in range(3000):
        groups = [
            f"2{draws.randrange(0x1000):03x}",
            *(f"{draws.choice([0, 0, draws.randrange(9)]):x}" for _ in range(7)),
        ]
        address = ipaddress.IPv6Address(":".join(groups))
        network = str(ipaddress.ip_network(f"{address}/64", strict=False))
        if str(address).split("::")[0].count(":") == 0 and "::" in str(address):
            continue  # two empty groups at once after the first: nobody is given such networks
        by_network.setdefault(network, set()).add(visitor(str(address)))
    assert len(by_network) > 500
    assert all(len(keys) == 1 for keys in by_network.values())
    assert len(set().union(*by_network.values())) == len(by_network)
    assert visitor("203.0.113.9") == "203.0.113.9"
