"""Lets saboteurs loose and writes the trust page: see `python -m tools.saboteurs --help`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tools import saboteurs
from tools.saboteurs import page
from tools.saboteurs.scratch import misfits
from tools.saboteurs.table import read
from tools.saboteurs.trial import Outcome, try_all

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "trust.md"


def main() -> None:
    """Read the arguments, try, write, and fail where a promise broke unseen."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.saboteurs",
        description=saboteurs.__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("names", nargs="*", help="saboteurs, or promises such as 'bar 3' (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="copies at work at once (%(default)s)")
    parser.add_argument("--page", action="store_true", help="write the page from kept results and try none")
    given = parser.parse_args()
    rows = read()
    every = [(row, saboteur) for row in rows for saboteur in row.saboteurs]
    if found := misfits(ROOT, [saboteur for _, saboteur in every]):
        sys.exit("\n".join(found))
    wanted = set(given.names)
    chosen = [(r, s) for r, s in every if not wanted or s.name in wanted or r.key in wanted]
    if not chosen:
        sys.exit(f"no saboteur of that name: {', '.join(given.names)}")
    known = {name: str(told["by"]) for name, told in page.load().items()}
    found = [] if given.page else try_all(ROOT, chosen, jobs=given.jobs, known=known, tell=_told(len(chosen)))
    kept = page.keep(found, [saboteur.name for _, saboteur in every], date.today().isoformat())
    PAGE.write_text(page.written(PAGE.read_text(encoding="utf-8"), rows, kept), encoding="utf-8")
    if faults := page.faults(rows, kept):
        sys.exit("\n".join(faults))


def _told(whole: int) -> Callable[[Outcome], None]:
    began, done = time.monotonic(), 0

    def tell(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        fate = f"noticed by {outcome.by}" if outcome.by else f"NOT NOTICED: {outcome.why}"
        print(f"{done}/{whole} {outcome.name}: {fate} ({time.monotonic() - began:.0f} s)", flush=True)

    return tell


if __name__ == "__main__":
    main()
