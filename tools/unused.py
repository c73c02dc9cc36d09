"""Code that nothing uses: vulture over the source, told what it cannot see by itself.

    python -m tools.unused

Names are used by other modules of the source and of the benchmarks, by templates, by the examples of the
documentation (what a page shows to an analyst is called there), by the rooms' manifests, and by Django where
a dotted string names them, in the settings, and as members of choices. What else is found by its name, and
results that only an analyst reads, stand in `tools/unused_allowed.py`, each with its reason; a name there
that has come into use, or is gone, is told too. Tests use nothing: code that only its test calls is dead.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from vulture.core import Vulture

from tools import unused_allowed

ROOT: Final = Path(__file__).resolve().parent.parent
READ: Final = ("src", "benchmarks", "tools")
TAG: Final = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
NAME: Final = re.compile(r"[^\W\d]\w*")
EXAMPLE: Final = re.compile(r"```python\n(.*?)```", re.DOTALL)
DOTTED: Final = re.compile(r"\w+(?:\.\w+)+")
REFERENCE: Final = re.compile(r"[\w.]+:\w+")
CHOICES: Final = ("TextChoices", "IntegerChoices")
# found by Django and Typer through the decorator
DECORATORS: Final = ("@register.*", "@receiver", "@task", "@app.callback", "@app.command", "@group.*")
SURE: Final = 60  # per cent, of vulture's confidence: its lowest, that of a name that is never seen again


def unused(root: Path = ROOT, allowed: Collection[str] = ()) -> list[str]:
    """Each thing that nothing uses as `path:line: what`, and each allowed name that stands there in vain."""
    seen = Vulture(ignore_decorators=list(DECORATORS))
    seen.scavenge([str(root / folder) for folder in READ if (root / folder).exists()], ["*/migrations/*"])
    for page in sorted(root.glob("docs/**/*.md")):
        for code in EXAMPLE.findall(page.read_text(encoding="utf-8")):
            seen.scan(code, filename=str(page))
    for name in {*in_templates(root / "src"), *by_django(root / "src"), *by_manifests(root / "src")}:
        seen.used_names.add(name)
    ours = tuple(root / folder for folder in ("src", "tools"))
    items = [
        item
        for item in seen.get_unused_code(min_confidence=SURE)
        if any(item.filename.is_relative_to(folder) for folder in ours)
    ]
    found = [
        f"{item.filename.relative_to(root).as_posix()}:{item.first_lineno}: {item.message}"
        for item in items
        if item.name not in allowed
    ]
    vain = sorted(set(allowed) - {item.name for item in items})
    return sorted(found) + [f"tools/unused_allowed.py: '{name}' needs no leave any more" for name in vain]


def in_templates(folder: Path) -> Iterator[str]:
    """The names within the tags of all templates below a folder."""
    for path in folder.rglob("templates/**/*"):
        if path.is_file():
            for tag in TAG.findall(path.read_text(encoding="utf-8")):
                yield from NAME.findall(QUOTED.sub(" ", tag))


def by_manifests(folder: Path) -> Iterator[str]:
    """What the rooms' manifests name: `module:attribute`, and permissions."""
    for path in folder.rglob("room.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if REFERENCE.fullmatch(node.value):
                    yield node.value.rpartition(":")[2]
            elif isinstance(node, ast.keyword) and node.arg == "may" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)


def by_django(folder: Path) -> Iterator[str]:
    """Names that Django reads: settings, members of choices, the last part of a dotted string.

    Of a manifest the dotted strings are classes of retention: a field is not used by having one.
    """
    for path in (path for path in folder.rglob("*.py") if path.name != "room.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if DOTTED.fullmatch(node.value):
                    yield node.value.rpartition(".")[2]
            elif isinstance(node, ast.Name) and path.name == "settings.py" and node.id.isupper():
                yield node.id
            elif isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Attribute) and base.attr in CHOICES for base in node.bases
            ):
                yield from (name.id for name in ast.walk(node) if isinstance(name, ast.Name))


def main() -> int:
    """Print what is unused; 1 where there is something."""
    found = unused(allowed=unused_allowed.names())
    print("\n".join(found), end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
