"""Static files, collected with hashes and compressed; anew only when a source has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

STAMP = "sources"


def collect() -> bool:
    """Collect static files where they have changed since the last time; whether it did."""
    from django.conf import settings
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    stamp = root / STAMP
    state = _state()
    if stamp.exists() and stamp.read_text(encoding="ascii") == state:
        return False
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=root.exists())
    stamp.write_text(state, encoding="ascii")
    return True


def is_current() -> bool:
    """Whether what is collected is what the code holds."""
    from django.conf import settings

    stamp = Path(settings.STATIC_ROOT) / STAMP
    return stamp.exists() and stamp.read_text(encoding="ascii") == _state()


def _state() -> str:
    """A digest of the sources' names, sizes and times."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
