"""Draws the house: see `python -m tools.house --help`."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from tools import house
from tools.house.draw import draw
from tools.house.plan import survey

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    """Survey this tree, or a commit's, and write its picture."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.house", description=house.__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--rev", help="a commit to draw instead of what stands here")
    parser.add_argument("--title", default="The house")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = ROOT
        if given.rev:
            root = Path(folder)
            tree = ["git", "archive", given.rev, "src", ".importlinter"]
            archive = subprocess.run(tree, cwd=ROOT, capture_output=True, check=True).stdout
            subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        plan = survey(root)
    given.out.write_text(draw(plan, given.title), encoding="utf-8")
    for arrow in plan.arrows:
        if arrow.climbs:
            print(f"{arrow.above} climbs to {arrow.below} ({arrow.imports} imports)")
    print(f"{given.out}: {len(plan.rooms)} rooms, {len(plan.arrows)} arrows")


if __name__ == "__main__":
    main()
