"""The score of the tests as a page, from results that are kept so that a group can be tried by itself."""

from __future__ import annotations

import difflib
import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.mutants.nursery import STUCK, UNNOTICED
from tools.mutants.operators import Mutant
from tools.mutants.trial import Tried

HERE = Path(__file__).resolve().parent
KEPT, EXPLAINED = HERE / "results.json", HERE / "explained.toml"
LEAST = 0.9

HEAD = """# Quality of the tests
How many deliberate mistakes they notice. Each group of modules that carries promises or numbers gets {count}
mutants, one small change each, drawn by a seed; each meets the tests that run its lines, nearest and quickest
first, up to {budget:.0f} seconds of them. What fails no test survives, and stands below with its reason. The
tool, and why it is our own: `tools/mutants/`. Again, all or one group:
```
make mutants
.venv/bin/python -m tools.mutants alarms
```
At least {least:.0%} must be noticed in all, and every survivor explained (`tools/mutants/explained.toml`).

| group | modules | tried | noticed | of these by the clock | survived | score | on | seed |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed."""

    key: str
    where: str
    diff: str
    tests: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a group's mutants."""

    group: str
    modules: int
    tried: int
    killed: int
    stuck: int
    survivors: tuple[Survivor, ...]
    day: str
    seed: int

    @property
    def score(self) -> float:
        """The part that was noticed."""
        return self.killed / self.tried if self.tried else 0.0


def result(root: Path, group: str, modules: int, tried: list[Tried], *, day: str, seed: int) -> Result:
    """What became of a group's mutants."""
    left = [each for each in tried if each.fate == UNNOTICED]
    stuck = sum(each.fate == STUCK for each in tried)
    survivors = tuple(Survivor(e.mutant.key, e.mutant.path, diff(root, e.mutant), e.tests) for e in left)
    return Result(group, modules, len(tried), len(tried) - len(left), stuck, survivors, day, seed)


def diff(root: Path, mutant: Mutant) -> str:
    """The change as a unified diff with a line around it."""
    before = (root / mutant.path).read_text(encoding="utf-8")
    lines = before.splitlines(), mutant.apply(before).splitlines()
    return "\n".join([*difflib.unified_diff(*lines, lineterm="", n=1)][2:])


def explained() -> dict[str, str]:
    """The reasons of survivors, by key."""
    reasons: dict[str, str] = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    return reasons


def keep(results: list[Result], order: list[str]) -> list[Result]:
    """Keep new results beside those of other groups; all of them, in the order of the groups."""
    known = {each.group: each for each in (*load(), *results)}
    found = [known[group] for group in order if group in known]
    KEPT.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n", encoding="utf-8")
    return found


def load() -> list[Result]:
    """What was kept."""
    if not KEPT.exists():
        return []
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return [
        Result(**(each | {"survivors": tuple(Survivor(**s) for s in each["survivors"])})) for each in kept
    ]


def faults(results: list[Result], reasons: dict[str, str]) -> list[str]:
    """Why the score is not enough, a line each."""
    found = [
        f"{each.group}: {survivor.key} is not explained"
        for each in results
        for survivor in each.survivors
        if survivor.key not in reasons
    ]
    tried, killed = sum(each.tried for each in results), sum(each.killed for each in results)
    if killed < LEAST * tried:
        found.append(f"{killed} of {tried} noticed: {killed / tried:.1%} is below {LEAST:.0%}")
    return found


def page(results: list[Result], reasons: dict[str, str], *, count: int, budget: float) -> str:
    """The page of docs."""
    lines = [
        f"| {r.group} | {r.modules} | {r.tried} | {r.killed} | {r.stuck} | {len(r.survivors)} |"
        f" {r.score:.0%} | {r.day} | {r.seed} |"
        for r in results
    ]
    tried, killed = sum(r.tried for r in results), sum(r.killed for r in results)
    stuck, left = sum(r.stuck for r in results), sum(len(r.survivors) for r in results)
    whole = f"**{killed / tried:.0%}**" if tried else ""
    lines.append(f"| **all** | | {tried} | {killed} | {stuck} | {left} | {whole} | | |")
    parts = [HEAD.format(count=count, budget=budget, least=LEAST) + "\n".join(lines)]
    for each in results:
        if each.survivors:
            parts.append(f"## {each.group}")
        for survivor in each.survivors:
            reason = reasons.get(survivor.key, "Not explained yet.")
            where = f"`{survivor.key}` in `{survivor.where}`"
            parts.append(f"{where}: {reason}\n```diff\n{survivor.diff}\n```")
    return "\n\n".join(parts) + "\n"
