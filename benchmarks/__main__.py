"""Runs every benchmark and writes `benchmarks/RESULTS.md`; `python -m benchmarks load panel` runs some.

A benchmark is a module here with `run() -> list[dict]`: claim, figure, limit, holds. Each figure is a ratio
to a peer or a limit, measured in one run on one machine; a machine's own seconds mean little elsewhere.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
import tomllib
from datetime import date
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
TABLE = Path(__file__).with_name("results.toml")


def main() -> int:
    """Run, write, and say by the exit status whether every limit holds."""
    names = sys.argv[1:] or [m.name for m in pkgutil.iter_modules([str(RESULTS.parent)]) if m.name[0] != "_"]
    kept = tomllib.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    for name in names:
        print(f"== {name}", flush=True)
        rows = importlib.import_module(f"benchmarks.{name}").run()
        kept[name] = {
            "day": date.today().isoformat(),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
            "rows": [{key: row[key] for key in ("claim", "figure", "limit", "holds")} for row in rows],
        }
    _write(kept)
    return 0 if all(row["holds"] for name in names for row in kept[name]["rows"]) else 1


def _write(kept: dict[str, dict]) -> None:
    toml, page = (
        [],
        ["# Benchmark results", "", "Made by `make bench`; each row measured in one run, medians."],
    )
    for name, result in sorted(kept.items()):
        toml += [f"[{name}]", f'day = "{result["day"]}"', f'machine = "{result["machine"]}"']
        page += ["", f"## {name}", "", f"{result['day']}, {result['machine']}", ""]
        page += ["| claim | figure | limit | holds |", "| --- | --- | --- | --- |"]
        for row in result["rows"]:
            toml += [f"[[{name}.rows]]", *(f"{key} = {_toml(value)}" for key, value in row.items())]
            page.append(
                f"| {row['claim']} | {row['figure']} | {row['limit']} | {'yes' if row['holds'] else 'no'} |"
            )
        toml.append("")
    TABLE.write_text("\n".join(toml), encoding="utf-8")
    RESULTS.write_text("\n".join(page) + "\n", encoding="utf-8")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"'.replace("\\", "/") if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.exit(main())
