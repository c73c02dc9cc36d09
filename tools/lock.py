"""Makes both locks from `pyproject.toml`: pinned, with hashes for every platform, naming no registry.

What is locked stays as it is unless `pyproject.toml` forbids it; `--upgrade` takes the newest of everything.
"""

import re
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
COMMON = ["--universal", "--generate-hashes", "--python-version", "3.11", "--no-emit-index-url"]
QUIET = ["--no-header", "--no-annotate", "-q"]
LOCKS = {
    "requirements.txt": ["--extra", "build"],
    "requirements-dev.txt": ["--extra", "build", "--extra", "dev", "-c", "requirements.txt"],
}
LOCKED = re.compile(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+-]+( ;[^\\#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")


def main() -> None:
    """Write both locks; the second agrees with the first."""
    for lock, extras in LOCKS.items():
        command = [str(BIN / "uv"), "pip", "compile", *COMMON, *QUIET, *sys.argv[1:], *extras]
        subprocess.run([*command, "pyproject.toml", "-o", lock], check=True)
        if found := faults(Path(lock).read_text(encoding="utf-8")):
            sys.exit("\n".join(f"{lock}: {fault}" for fault in found))


def faults(lock: str) -> list[str]:
    """What no lock here may have: an address, or something that is not one version with its hashes."""
    found = ["it names an address; a lock here names none"] if "://" in lock else []
    entries = [each for each in lock.replace("\\\n", "").splitlines() if each.strip()]
    loose = (each for each in entries if not each.startswith("#") and not LOCKED.fullmatch(each))
    return [*found, *(f"{each.split()[0]} is not one version with its hashes" for each in loose)]


if __name__ == "__main__":
    main()
