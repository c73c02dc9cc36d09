"""The gate looks for insecure patterns: by the project's own settings, in all of the source, in CI too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
INSECURE = {
    "S602": "import subprocess\n\n\ndef run(word: str) -> None:\n    subprocess.run(word, shell=True)\n",
    "S301": "import pickle\n\n\ndef read(given: bytes) -> object:\n    return pickle.loads(given)\n",
    "S307": "def read(given: str) -> object:\n    return eval(given)\n",
    "S324": "import hashlib\n\n\ndef mark(given: bytes) -> bytes:\n    return hashlib.md5(given).digest()\n",
    "S501": "import httpx\n\n\ndef ask(address: str) -> None:\n    httpx.get(address, verify=False)\n",
}
# bandit's own numbers for the same
BANDIT = {"S602": "B602", "S301": "B301", "S307": "B307", "S324": "B324", "S501": "B501"}


def said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def written(tmp_path):
    """The file with something insecure."""

    def write(code: str) -> str:
        path = tmp_path / "insecure.py"
        path.write_text(INSECURE[code], encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("code", INSECURE)
def test_ruff__finds_what_is_insecure(written, code):
    given = ("--config", "pyproject.toml", "--no-cache", "--output-format", "concise")
    assert f" {code} " in said(str(BIN / "ruff"), "check", *given, written(code))


@pytest.mark.parametrize("code", INSECURE)
def test_bandit__finds_what_is_insecure(written, code):
    assert BANDIT[code] in said(str(BIN / "bandit"), "-q", "-c", "pyproject.toml", written(code))


def test_gate__runs_them_over_all_of_the_source_and_ci_runs_the_gate():
    checks = said("make", "--silent", "checks").split()
    assert {"lint", "types"} <= set(checks)
    recipes = {check: said("make", "--dry-run", check).splitlines() for check in ("lint", "types")}
    assert ".venv/bin/ruff check ." in recipes["lint"]
    assert ".venv/bin/bandit -q -r src -c pyproject.toml" in recipes["lint"]
    assert ".venv/bin/mypy" in recipes["types"]
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert 'for check in $(make -s checks); do\n  part "make $check" make "$check"\ndone' in run
