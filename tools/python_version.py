"""Stops `make` with a clear word where Python is too old."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (an old Python is just what this must meet)
    given = ".".join(map(str, sys.version_info[:3]))
    sys.exit(
        f"Mahalleh needs Python 3.11 or newer; this is {given}. "
        "Name a newer one: make PYTHON=python3.11 run (Debian, Ubuntu: apt install python3 python3-venv)."
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit(
        "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv, then make again."
    )
