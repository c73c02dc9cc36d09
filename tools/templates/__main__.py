"""Breaks, checks and compares templates: see `python -m tools.templates --help`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tools import templates
from tools.templates import DJANGO, WIDTH
from tools.templates.breaking import broken, outside
from tools.templates.flow import Library
from tools.templates.prove import compare_folders, prove
from tools.templates.scan import UnreadableError, scan

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = ROOT / "src" / "mahalleh_site"
TURNS = 5  # of breaking and ordering; two are enough


def faults(root: Path) -> list[str]:
    """What is wrong below a folder: templates that would change, lines that are too long and cannot break."""
    found = []
    library = Library(root)
    for path in library.paths.values():
        source, name = path.read_text(encoding="utf-8"), path.relative_to(root)
        try:
            if broken(source, library) != source:
                found.append(f"{name}: would change; run `python -m tools.templates`")
                continue
            lengths = list(enumerate(outside(scan(source)), start=1))
        except UnreadableError as error:
            found.append(f"{name}: {error}")
            continue
        found += [
            f"{name}:{number}: {length} characters, not translated, and nowhere to break: say it shorter"
            for number, length in lengths
            if length > WIDTH
        ]
    return found + [f"{line}; run `python -m tools.templates`" for line in djade(root, "--check")]


def write(root: Path) -> int:
    """Break, indent and order every template below a folder; how many were changed."""
    before = {path: path.read_bytes() for path in Library(root).paths.values()}
    for _ in range(TURNS):
        start = {path: path.read_bytes() for path in before}
        for path in before:  # what a template includes decides where it may break, and does not change
            path.write_text(broken(path.read_text(encoding="utf-8"), Library(root)), encoding="utf-8")
        djade(root)
        if start == {path: path.read_bytes() for path in before}:
            break
    else:
        raise UnreadableError("breaking and djade undo one another")
    return sum(before[path] != path.read_bytes() for path in before)


def djade(root: Path, *flags: str) -> list[str]:
    """Order the tags of every template; with `--check`, say only what would change.

    djade ends each file with a new line. A template that ends without one is put into running text, where it
    would be a space, so djade is not asked about it.
    """
    paths = [path for path in Library(root).paths.values() if path.read_bytes().endswith(b"\n")]
    command = [str(Path(sys.executable).parent / "djade"), "--target-version", DJANGO, *flags]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if line.startswith("Would")]


def main() -> None:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(prog="python -m tools.templates", description=templates.__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("write", help="break every template (the default)")
    commands.add_parser("check", help="fail where one would change or has a line too long")
    one = commands.add_parser("compare", help="hold two folders of rendered pages against each other")
    one.add_argument("before", type=Path)
    one.add_argument("after", type=Path)
    two = commands.add_parser(
        "prove", help="render every page of the tests as it is and as it was, and compare"
    )
    two.add_argument("--keep", type=Path, help="a folder for some of the pages, both ways")
    two.add_argument("revision", nargs="?", default="HEAD", help="the commit before (default: HEAD)")
    two.add_argument("tests", nargs=argparse.REMAINDER, help="what pytest is told (default: tests/site)")
    given = parser.parse_args()
    match given.command:
        case "check":
            found = faults(SITE)
            if found:
                sys.exit("\n".join([*found, f"{len(found)} faults in templates"]))
            print(f"templates: no line over {WIDTH}")
        case "compare":
            sys.exit(compare_folders(given.before, given.after))
        case "prove":
            sys.exit(prove(given.revision, given.tests or ["tests/site"], given.keep))
        case _:
            print(f"templates: {write(SITE)} changed")


if __name__ == "__main__":
    main()
