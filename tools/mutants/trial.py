"""Tries the mutants of some groups in two copies of the tree at once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grimp

from tools.house.plan import import_graph
from tools.mutants.groups import Group
from tools.mutants.nursery import UNNOTICED, Run
from tools.mutants.operators import Mutant
from tools.mutants.pool import nurseries

BUDGET = 40.0  # seconds of work that the tests of one mutant may be; the nearest and quickest come first
WARM = 3  # tests for each module that compile its kernels in each copy beforehand


class BaselineError(RuntimeError):
    """Tests that fail without any change."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant and what became of it."""

    mutant: Mutant
    fate: str
    said: str  # the end of what pytest said
    tests: int  # that it met


@dataclass(frozen=True, slots=True)
class Map:
    """Which tests run which lines, and how much work each is."""

    lines: dict[str, dict[int, list[str]]]
    work: dict[str, float]

    def meet(self, mutant: Mutant) -> list[str]:
        """The tests that a mutant meets, nearest and quickest first.

        Where no test is known to run its lines (they run on import, or in a compiled kernel) it meets those
        that run anything of its module, and where there are none of those either, all.
        """
        module = self.lines.get(mutant.path, {})
        first, last = mutant.lines
        found = {test for line, tests in module.items() if first <= line <= last for test in tests}
        found = found or {test for tests in module.values() for test in tests} or set(self.work)
        name = mutant.path.rpartition("/")[2].removesuffix(".py").strip("_")
        order = sorted(
            found & set(self.work), key=lambda test: (name not in _file(test), self.work[test], test)
        )
        kept: list[str] = []
        work = 0.0
        for test in order:
            work += self.work[test]
            if kept and work > BUDGET:
                break
            kept.append(test)
        return kept


def try_all(
    root: Path, chosen: dict[Group, list[Mutant]], *, jobs: int, tell: Callable[[str], None]
) -> dict[str, list[Tried]]:
    """Try every mutant; by the name of its group, in the order in which they were given.

    Raises
    ------
    BaselineError
        Where tests fail without any change.
    """
    with tempfile.TemporaryDirectory(prefix="mutants-") as home, nurseries(root, Path(home), jobs) as pool:
        maps: dict[str, Map] = {}
        covers = {group.name: _cover(group, Path(home)) for group in chosen}
        for name, (fate, said), _ in pool.each(covers):
            if fate != UNNOTICED:
                raise BaselineError(f"{name}: its tests fail without any change:\n{said[-2000:]}")
            maps[name] = _read(Path(home, f"{name}.json"))
            tell(f"{name}: {len(maps[name].work)} tests, {sum(maps[name].work.values()):.0f} s of work")
        pool.everywhere(_warm(chosen, maps))
        imports = import_graph(
            root / "src", sorted({path.split("/")[1] for g in chosen for path in g.modules})
        )
        runs = {
            f"{group.name} {mutant.key}": _run(root, mutant, maps[group.name], imports)
            for group, mutants in chosen.items()
            for mutant in mutants
        }
        found: dict[str, tuple[str, str]] = {}
        for number, (name, answer, seconds) in enumerate(pool.each(runs), start=1):
            found[name] = answer
            tell(f"{number}/{len(runs)} {name} {answer[0]}, {len(runs[name].tests)} tests, {seconds:.0f} s")
    return {
        group.name: [
            Tried(mutant, *found[f"{group.name} {mutant.key}"], len(runs[f"{group.name} {mutant.key}"].tests))
            for mutant in mutants
        ]
        for group, mutants in chosen.items()
    }


def _run(root: Path, mutant: Mutant, known: Map, imports: grimp.ImportGraph) -> Run:
    """What is to be run for a mutant."""
    tests = known.meet(mutant)
    module = mutant.path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    stale = (module, *sorted(imports.find_downstream_modules(module)))
    work = sum(known.work[test] for test in tests)
    text = mutant.apply((root / mutant.path).read_text(encoding="utf-8"))
    return Run(tuple(tests), work, mutant.path, text, stale)


def _cover(group: Group, folder: Path) -> Run:
    options = ["-p", "tools.mutants.cover", f"--mutants-map={folder / group.name}.json"]
    return Run(group.tests, 1e4, options=(*options, *(f"--mutants-of={path}" for path in group.modules)))


def _read(path: Path) -> Map:
    known = json.loads(path.read_text(encoding="utf-8"))
    lines = {path: {int(line): tests for line, tests in of.items()} for path, of in known["lines"].items()}
    return Map(lines, known["work"])


def _warm(chosen: dict[Group, list[Mutant]], maps: dict[str, Map]) -> Run:
    """A few tests of each module, by which every copy compiles the kernels that will be needed."""
    tests: dict[str, None] = {}
    for group in chosen:
        known = maps[group.name]
        for module in group.modules:
            found = {test for of in known.lines.get(module, {}).values() for test in of} & set(known.work)
            tests |= dict.fromkeys(sorted(found, key=lambda test: (known.work[test], test))[:WARM])
    return Run(tuple(tests), 1e4)


def _file(test: str) -> str:
    return test.partition("::")[0].rpartition("/")[2]
