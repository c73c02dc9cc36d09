"""Long benchmarks that go on where they were stopped: finished parts are kept in a folder of the user's."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def kept(name: str, work: Callable[[], Any]) -> Any:
    """The result of `work`, from the folder MAHALLEH_BENCH_CACHE where it has been done before.

    Results must be JSON. Without the folder everything is done anew.
    """
    folder = os.environ.get("MAHALLEH_BENCH_CACHE")
    if not folder:
        return work()
    path = Path(folder) / f"{name}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    result = work()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(result), encoding="utf-8")
    path.with_suffix(".part").replace(path)
    return result
