"""The same digits from a cluster, also when one of its workers dies half way."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest
from distributed import Client, LocalCluster

from mahalleh.watch import scan
from mahalleh.watch.cluster import blocks_over, scans

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Dask's own, about ports and ends of workers
    pytest.mark.real_clock(
        "Dask's scheduler and workers are processes that wait for one another by the clock"
    ),
]


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__RETRY__COUNT", "3")
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(tmp_path),
            silence_logs="CRITICAL",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def study(seed, areas=150):
    rng = np.random.default_rng(seed)
    return {
        "cases": rng.poisson(2.0, (areas, 30)),
        "coordinates": rng.random((areas, 2)),
        "population": np.ones(areas),
        "model": "poisson",
        "seed": seed,
    }


def same(one, other):
    np.testing.assert_array_equal(one.maxima, other.maxima)
    assert [c.areas for c in one.clusters] == [c.areas for c in other.clusters]
    assert [c.p_value for c in one.clusters] == [c.p_value for c in other.clusters]


def test_scans__on_two_workers_are_those_of_one_machine(client):
    jobs = {topic: study(seed) for seed, topic in enumerate(("noise", "litter", "lighting"))}
    here, there = scans(jobs), scans(jobs, client=client)
    assert list(here) == list(there)
    for topic in jobs:
        same(here[topic], there[topic])


def in_memory(dask_scheduler):
    return sum(task.state == "memory" for task in dask_scheduler.tasks.values())


def kill_when_under_way(client, pid, killed):
    """Without warning, once some blocks are done and most are not."""
    for _ in range(3_000):
        done = client.run_on_scheduler(in_memory)
        if done > 10:
            os.kill(pid, signal.SIGKILL)
            killed.append(done)
            return
        time.sleep(0.01)


@pytest.mark.slow("a worker must die among blocks enough that most are not done")
def test_blocks__survive_the_death_of_a_worker_half_way(client):
    given = {**study(7, areas=600), "replicates": 9_999}
    pid = next(iter(client.run(os.getpid).values()))
    over, killed, bulk = blocks_over(client), [], []

    def watched(work, blocks):
        blocks = list(blocks)
        if len(blocks) > 100:  # nearly all replicates
            bulk.append(len(blocks))
            threading.Thread(target=kill_when_under_way, args=(client, pid, killed)).start()
        return over(work, blocks)

    found = scan(**given, over=watched)
    assert 10 < killed[0] < bulk[0]
    same(scan(**given), found)
