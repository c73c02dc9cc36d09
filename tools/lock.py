"""Makes both locks from `pyproject.toml`: pinned, with hashes for every platform, naming no registry.

What is locked stays as it is unless `pyproject.toml` forbids it; `--upgrade` takes the newest of everything.
"""

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


def main() -> None:
    """Write both locks; the second agrees with the first."""
    for lock, extras in LOCKS.items():
        command = [str(BIN / "uv"), "pip", "compile", *COMMON, *QUIET, *sys.argv[1:], *extras]
        subprocess.run([*command, "pyproject.toml", "-o", lock], check=True)
        if "://" in Path(lock).read_text(encoding="utf-8"):
            sys.exit(f"{lock} names an address; a lock here names none.")


if __name__ == "__main__":
    main()
