"""Bridges against the slow obvious twin: take the edge away and see what falls apart."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh.disclose.bridges import blocks, bridges


def parts(edges: list[tuple[int, int]], nodes: int) -> list[set[int]]:
    found = [{node} for node in range(nodes)]
    for one, other in edges:
        joined = [part for part in found if one in part or other in part]
        found = [part for part in found if part not in joined] + [set().union(*joined)]
    return found


def slow_bridges(edges: list[tuple[int, int]], nodes: int) -> list[bool]:
    whole = len(parts(edges, nodes))
    return [len(parts(edges[:at] + edges[at + 1 :], nodes)) > whole for at in range(len(edges))]


def arrays(edges: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


EDGES = st.integers(1, 12).flatmap(
    lambda nodes: st.tuples(
        st.just(nodes),
        st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=18),
    )
)


@settings(max_examples=300)
@given(EDGES)
def test_bridges__equal_the_slow_twin(graph: tuple[int, list[tuple[int, int]]]) -> None:
    nodes, edges = graph
    assert bridges(*arrays(edges), nodes=nodes).tolist() == slow_bridges(edges, nodes)


@given(EDGES)
def test_blocks__are_what_is_left_without_bridges(graph: tuple[int, list[tuple[int, int]]]) -> None:
    nodes, edges = graph
    cut = slow_bridges(edges, nodes)
    part, block = blocks(*arrays(edges), np.array(cut, dtype=bool), nodes=nodes)
    kept = [edge for edge, gone in zip(edges, cut, strict=True) if not gone]
    for numbers, sets in ((part, parts(edges, nodes)), (block, parts(kept, nodes))):
        assert len(set(numbers.tolist())) == len(sets)
        assert all(len({int(numbers[node]) for node in some}) == 1 for some in sets)


def test_bridges__finds_the_edge_between_two_rings() -> None:
    ring = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3)]
    assert bridges(*arrays(ring), nodes=6).tolist() == [False] * 6 + [True]


def test_bridges__of_a_long_path_are_all_its_edges() -> None:
    path = np.arange(5000, dtype=np.int64)
    assert bridges(path, path + 1, nodes=5001).all()
