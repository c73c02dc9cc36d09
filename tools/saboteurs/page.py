"""The tables of the trust page, and what the last run found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tools.saboteurs.table import Promise
from tools.saboteurs.trial import Outcome

KEPT: Final = Path(__file__).with_name("results.json")
SPOT: Final = re.compile(r"(<!-- promises: (?P<part>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def keep(found: Iterable[Outcome], names: Sequence[str], day: str) -> dict[str, dict[str, object]]:
    """Keep new outcomes beside those of other saboteurs, in the order of the table."""
    known = load() | {each.name: asdict(each) | {"day": day} for each in found}
    kept = {name: known[name] for name in names if name in known}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept


def load() -> dict[str, dict[str, object]]:
    """What was kept: by the saboteur's name."""
    if not KEPT.exists():
        return {}
    kept: dict[str, dict[str, object]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return kept


def faults(rows: Iterable[Promise], kept: dict[str, dict[str, object]]) -> list[str]:
    """Saboteurs that nobody tried, and those that no test noticed."""
    found = []
    for saboteur in (each for row in rows for each in row.saboteurs):
        told = kept.get(saboteur.name)
        if told is None:
            found.append(f"{saboteur.name}: not tried yet; run `python -m tools.saboteurs {saboteur.name}`")
        elif not told["by"]:
            found.append(f"{saboteur.name}: no test noticed ({told['why']})")
    return found


def written(page: str, rows: Sequence[Promise], kept: dict[str, dict[str, object]]) -> str:
    """The page with its tables anew."""
    return SPOT.sub(lambda spot: f"{spot[1]}{_table(spot['part'], rows, kept)}\n{spot[3]}", page)


def _table(part: str, rows: Sequence[Promise], kept: dict[str, dict[str, object]]) -> str:
    mine = [row for row in rows if row.part == part]
    lines = ["| # | promise | state | kept by | broken on purpose |", "| --- | --- | --- | --- | --- |"]
    for row in mine:
        state = row.note if row.state == "later" else f"built{'; ' if row.note else ''}{row.note}"
        tests = ", ".join(f"`{test}`" for test in row.tests)
        broken = "; ".join(f"{each.breaks} ({_seen(kept.get(each.name))})" for each in row.saboteurs)
        lines.append(f"| {row.number} | {row.rule} | {state} | {tests} | {broken} |")
    return "\n".join(lines)


def _seen(told: dict[str, object] | None) -> str:
    if told is None:
        return "not tried"
    return f"noticed on {told['day']}" if told["by"] else "not noticed"
