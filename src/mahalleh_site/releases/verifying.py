"""Whether the public files of a release are still what was published."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from django.conf import settings

from mahalleh_site.places import files
from mahalleh_site.releases import package
from mahalleh_site.releases.models import Release


def verify(number: int) -> list[str]:
    """The public files of a release that are missing or are not what was published; none when all is well."""
    release = Release.objects.get(number=number)
    folder = files.release_path(settings.VAR, number)
    try:
        described = json.loads((folder / package.DESCRIPTION).read_text(encoding="utf-8"))
        hashes = {
            resource["path"]: resource["hash"].removeprefix("sha256:") for resource in described["resources"]
        }
    except (OSError, ValueError, KeyError):
        return [package.DESCRIPTION]
    hashes[package.COUNTS_CSV] = release.digest
    return [name for name, digest in sorted(hashes.items()) if _digest(folder / name) != digest]


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
