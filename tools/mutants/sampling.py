"""Which of the possible mutants are tried: drawn by a seed, so that a change moves no others."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path

from tools.mutants.groups import Group
from tools.mutants.operators import Mutant, mutants

# what tests miss more easily than an argument that is not there: drawn twice as often
HARD = ("arithmetic", "boolean", "compare", "constant", "decorator", "statement", "with")


def sample(root: Path, group: Group, *, count: int, seed: int) -> list[Mutant]:
    """`count` mutants of a group, of every kind and module in turn.

    Each mutant has its own draw, made of the seed and its key. Adding a line therefore leaves the other draws
    alone, and explanations of survivors stay good.
    """
    kinds: dict[str, list[Mutant]] = defaultdict(list)
    for path in group.modules:
        for mutant in mutants(path, (root / path).read_text(encoding="utf-8")):
            kinds[mutant.operator].append(mutant)
    for found in kinds.values():
        found.sort(key=lambda mutant: _draw(mutant.key, seed), reverse=True)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(kinds.values()):
        for operator in (*sorted(kinds), *HARD):
            if kinds[operator] and len(chosen) < count:
                chosen.append(kinds[operator].pop())
    return sorted(chosen, key=lambda mutant: (mutant.path, mutant.start, mutant.after))


def _draw(key: str, seed: int) -> str:
    return hashlib.sha256(f"{seed} {key}".encode()).hexdigest()
