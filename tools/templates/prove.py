"""Proof that pages show what they showed: folder by folder, or each page of the tests by a commit's."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tools.templates.visible import differences

SHOWN = 40  # lines of a difference; the first says what is wrong


def compare_folders(before: Path, after: Path) -> str | None:
    """Hold the pages of two folders against each other; what differs, as text."""
    names = {
        path.relative_to(folder).as_posix() for folder in (before, after) for path in folder.rglob("*.html")
    }
    faults = []
    for name in sorted(names):
        pages = [folder / name for folder in (before, after)]
        if missing := [str(page) for page in pages if not page.exists()]:
            faults.append(f"{name}: {missing[0]} is not there")
        elif found := differences(*(page.read_text(encoding="utf-8") for page in pages)):
            faults.append("\n".join([f"{name}:", *found[:SHOWN]]))
    print(f"{len(names)} pages, {len(faults)} differ")
    return "\n".join(faults) or None


def prove(revision: str, tests: list[str], keep: Path | None = None) -> str | None:
    """Run tests with every page rendered from a commit's templates as well; what differs, as text.

    The first pages of each template stay below `keep`, in `before` and `after`, to be looked at in a browser.
    """
    with tempfile.TemporaryDirectory() as folder:
        before, said = Path(folder, "before"), Path(folder, "said")
        before.mkdir()
        archive = subprocess.run(["git", "archive", revision, "src"], capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(before)], input=archive, check=True)
        options = ["-p", "tools.templates.twice", f"--templates-before={before}", f"--templates-said={said}"]
        if keep:
            options.append(f"--templates-keep={keep.resolve()}")
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", *options, *tests], check=False)
        lines = said.read_text(encoding="utf-8").splitlines() if said.exists() else []
    pages: Counter[str] = Counter()
    faults: dict[str, list[str]] = {}
    for line in map(json.loads, lines):
        pages.update(line["pages"])
        faults |= line["faults"]
    print(
        f"{pages.total()} pages of {len(pages)} templates were rendered twice; {len(faults)} templates differ"
    )
    if done.returncode:
        print(f"Some tests failed (pytest says {done.returncode}); their pages were compared all the same.")
    if not pages:
        return "No page was compared."
    return (
        "\n".join("\n".join([f"{name}:", *found[:SHOWN]]) for name, found in sorted(faults.items())) or None
    )
