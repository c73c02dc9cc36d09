"""Tries mutants and writes the score: see `python -m tools.mutants --help`."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from tools import mutants
from tools.mutants import report
from tools.mutants.groups import Group, groups
from tools.mutants.operators import Mutant
from tools.mutants.sampling import sample
from tools.mutants.trial import BUDGET, try_all

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "quality.md"
COUNT, SEED, JOBS = 40, 20261128, 2


def main() -> None:
    """Read the arguments, try, write, and fail where the score is not enough."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutants",
        description=mutants.__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("groups", nargs="*", help="the groups to try (default: all)")
    parser.add_argument("--count", type=int, default=COUNT, help="mutants of each group (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed draws others (%(default)s)")
    parser.add_argument("--jobs", type=int, default=JOBS, help="copies at work at once (%(default)s)")
    parser.add_argument("--list", action="store_true", help="show the mutants and try none")
    parser.add_argument("--page", action="store_true", help="write the page from kept results and try none")
    given = parser.parse_args()
    order = [group.name for group in groups(ROOT)]
    chosen = {g: sample(ROOT, g, count=given.count, seed=given.seed) for g in groups(ROOT, given.groups)}
    if given.list:
        for group, drawn in chosen.items():
            for mutant in drawn:
                print(
                    f"--- {group.name} {mutant.key} {mutant.path}:{mutant.line}\n{report.diff(ROOT, mutant)}"
                )
        return
    results = [] if given.page else attempt(chosen, jobs=given.jobs, seed=given.seed)
    known = report.keep(results, order)
    reasons = report.explained()
    PAGE.write_text(report.page(known, reasons, count=given.count, budget=BUDGET), encoding="utf-8")
    if found := report.faults(known if given.page else results, reasons):
        sys.exit("\n".join([*found, f"See {PAGE.relative_to(ROOT)}."]))


def attempt(chosen: dict[Group, list[Mutant]], *, jobs: int, seed: int) -> list[report.Result]:
    """Try the mutants of some groups and say how it went."""
    began = time.monotonic()
    tried = try_all(ROOT, chosen, jobs=jobs, tell=lambda words: print(words, flush=True))
    day = date.today().isoformat()
    results = [
        report.result(ROOT, group.name, len(group.modules), tried[group.name], day=day, seed=seed)
        for group in chosen
    ]
    for each in results:
        print(f"{each.group}: {each.killed} of {each.tried} noticed, {len(each.survivors)} survived")
        for survivor in each.survivors:
            print(f"{survivor.key} ({survivor.tests} tests)\n{survivor.diff}")
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
    return results


if __name__ == "__main__":
    main()
