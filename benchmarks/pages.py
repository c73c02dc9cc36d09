"""The public pages of the sample city: weight on a first visit, server time, and 20 readers at once."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROUNDS = 5
READERS, EACH = 20, 40
KB = 1000


def run() -> list[dict[str, object]]:
    """Rows of claim, figure, limit, holds. Times are the median of five processes' 95th percentiles."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "MAHALLEH_VAR": str(Path(folder) / "var")}
        mahalleh = [sys.executable, "-m", "mahalleh.cli"]
        subprocess.run([*mahalleh, "demo", "--no-serve"], env=environment, check=True, capture_output=True)
        probes = [_probe(environment) for _ in range(ROUNDS)]
        lost, slowest = _readers(mahalleh, environment)
    middle = {key: sorted(probe[key] for probe in probes)[ROUNDS // 2] for key in probes[0]}
    return [
        _row("first visit without a map, KB", middle["plain"] / KB, 60),
        _row("first visit with the map, KB", middle["map"] / KB, 150),
        _row("neighbourhood page uncached, p95 ms", middle["uncached"] * 1000, 60),
        # districts and topics add up more than a neighbourhood, whose limit is the one that was promised
        _row(f"all {middle['pages']:.0f} pages uncached, p95 ms", middle["uncached_any"] * 1000, 100),
        _row("page from cache, p95 ms", middle["cached"] * 1000, 5),
        {
            "claim": f"{READERS} readers at once, {READERS * EACH} pages, slowest {slowest:.2f} s: lost",
            "figure": lost,
            "limit": 0,
            "holds": lost == 0,
        },
    ]


def _row(claim: str, figure: float, limit: float) -> dict[str, object]:
    row = {"claim": claim, "figure": round(figure, 1), "limit": limit, "holds": figure <= limit}
    print(f"| {claim} | {row['figure']} | {limit} | {'yes' if row['holds'] else 'no'} |", flush=True)
    return row


def _probe(environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks._pages_probe"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _readers(mahalleh: list[str], environment: dict[str, str]) -> tuple[int, float]:
    """How many answers were lost, and the slowest one's seconds, when 20 readers walk about at once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*mahalleh, "serve", "--address", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port):
            time.sleep(0.2)
        with ThreadPoolExecutor(READERS) as readers:
            walks = list(readers.map(lambda reader: _walk(port, reader), range(READERS)))
    finally:
        server.terminate()
        server.wait(timeout=30)
    times = [seconds for walk in walks for seconds in walk]
    return READERS * EACH - len(times), max(times, default=0.0)


def _walk(port: int, reader: int) -> list[float]:
    pages = ["", "topics/noise/", "data/", *(f"areas/m{number:02}/" for number in range(1, 38))]
    times = []
    for step in range(EACH):
        page = pages[(reader + step) % len(pages)]
        began = time.perf_counter()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(
                "GET", f"/{'fa' if reader % 2 else 'en'}/{page}", headers={"Accept-Encoding": "gzip"}
            )
            answer = connection.getresponse()
            if answer.status == 200 and answer.read():
                times.append(time.perf_counter() - began)
            connection.close()
        except OSError:
            continue  # counted as lost
    return times


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
