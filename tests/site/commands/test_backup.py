"""The backup of operators.md, as it stands there: whole, closed to others, and without the keys."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

OPERATORS = Path(__file__).parents[3] / "docs" / "operators.md"


def test_backup__as_it_is_written_leaves_both_keys_out(tmp_path):
    text = OPERATORS.read_text(encoding="utf-8").partition("### Backup")[2]
    block = text.partition("```sh\n")[2].partition("```")[0].replace("/backup", str(tmp_path / "backup"))
    lines = [line for line in block.splitlines() if not line.startswith("sqlite3 ")]
    assert lines[0] == "umask 077"
    folder = tmp_path / "city"
    files = ["city.toml", "secret-key", "audit-key", "private/audit-head", "events/secret-key-of-a-source"]
    files += ["mahalleh.sqlite3", "mahalleh.sqlite3-wal", "mahalleh.sqlite3-shm"]
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    (tmp_path / "backup").mkdir()
    subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=folder, check=True)
    (archive,) = (tmp_path / "backup").iterdir()
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as held:
        kept = {each.name.removeprefix("./") for each in held if each.isfile()}
    assert kept == {"city.toml", "private/audit-head", "events/secret-key-of-a-source"}
