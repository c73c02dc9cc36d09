"""Docstrings of the library's public functions and classes, held to numpydoc's form.

    python -m tools.docstrings

numpydoc's own validation checks that every parameter is there, in order, with a type and a description, and
that what is returned is said. Three rules are added, since it does not look at them: a dataclass lists its
fields as Attributes; what holds an array says its shape; and what a function raises, itself or in helpers of
its module, stands under Raises.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

ROOT: Final = Path(__file__).resolve().parent.parent / "src"
PACKAGE: Final = "mahalleh"
# numpydoc's codes that are not asked for, each with its reason
LEAVE: Final[Mapping[str, str]] = {
    "GL01": "the summary stands on the line of the opening quotes",
    "GL02": "a docstring of one line closes on it",
    "SS05": "what is a property or a thing is named by what it is, not by what is done",
    "ES01": "a summary may be enough",
    "SA01": "the module's own docstring says what belongs together",
    "EX01": "examples stand where they help",
    "RT02": "a returned value may have a name",
    "PR06": "types are written as a reader says them",
}
# not held to the form, each with its reason
EXEMPT: Final[Mapping[str, str]] = {
    "mahalleh.scan_command.scan": "its docstring is the command's help, which people read in a terminal",
}
ARRAY: Final = re.compile(r"NDArray|ArrayLike|\b(Floats|Ints|Bools|Days|Rows|Cells)\b")
SHAPE: Final = re.compile(r"\(.*\)")


def faults(root: Path = ROOT, package: str = PACKAGE) -> list[str]:
    """Each fault as `module.name: what`, in the order of the files."""
    found = []
    for module in modules(root, package):
        for name, thing in public(module):
            if name not in EXEMPT:
                found += [f"{name}: {fault}" for fault in of(thing, module)]
    return found


def modules(root: Path, package: str) -> Iterator[Any]:
    """The package's modules whose path has no leading underscore."""
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if not any(part.startswith("_") for part in parts):
            yield importlib.import_module(".".join(parts))


def public(module: Any) -> Iterator[tuple[str, Any]]:
    """The functions and classes that a module defines, and the methods of its classes."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(thing) or inspect.isclass(thing):
            yield f"{module.__name__}.{name}", thing
        if inspect.isclass(thing):
            for inner, method in vars(thing).items():
                if not inner.startswith("_") and isinstance(method, classmethod | staticmethod):
                    yield f"{module.__name__}.{name}.{inner}", getattr(thing, inner)
                elif not inner.startswith("_") and (
                    inspect.isfunction(method) or isinstance(method, property)
                ):
                    yield f"{module.__name__}.{name}.{inner}", method


def of(thing: Any, module: Any) -> list[str]:
    """The faults of one docstring."""
    is_class = inspect.isclass(thing)
    record = is_class and dataclasses.is_dataclass(thing)
    plain = record or (is_class and issubclass(thing, Exception) and "__init__" not in vars(thing))
    left = {*LEAVE, "PR01", "PR02", "PR03"} if plain else LEAVE
    doc = get_doc_object(inspect.unwrap(thing) if inspect.isfunction(thing) else thing)
    told = [f"{code} {text}" for code, text in validate(doc)["errors"] if code not in left]
    if record:
        told += _fields(thing, doc)
    if isinstance(thing, property) or is_class:
        return told
    return [*told, *_shapes(thing, doc), *_raises(thing, doc, module)]


def _fields(thing: Any, doc: Any) -> Iterator[str]:
    listed = {name: entry for entry in doc["Attributes"] for name in entry.name.split(", ")}
    fields = [field.name for field in dataclasses.fields(thing) if not field.name.startswith("_")]
    if [name for name in listed if name in fields] != fields:
        yield f"Attributes are {list(listed)}, fields {fields}"
    for field in dataclasses.fields(thing):
        entry = listed.get(field.name)
        if entry and not (entry.type and entry.desc):
            yield f"field {field.name} has no type or no description"
        if entry and ARRAY.search(str(field.type)) and not SHAPE.search(entry.type):
            yield f"field {field.name} holds an array and says no shape"


def _shapes(thing: Any, doc: Any) -> Iterator[str]:
    listed = {name: entry.type for entry in doc["Parameters"] for name in entry.name.split(", ")}
    for name, hint in thing.__annotations__.items():
        if name == "return":
            types = " ".join(f"{entry.name} {entry.type}" for entry in doc["Returns"])
            if ARRAY.search(str(hint)) and not SHAPE.search(types):
                yield "returns an array and says no shape"
        elif ARRAY.search(str(hint)) and not SHAPE.search(listed.get(name, "()")):
            yield f"parameter {name} holds an array and says no shape"


def _raises(thing: Any, doc: Any, module: Any) -> Iterator[str]:
    said = {entry.type for entry in doc["Raises"]}
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    helpers = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    own = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    for name in sorted(_raised(own, helpers, set()) - said):
        known = getattr(module, name, getattr(builtins, name, None))
        if not any(_is(known, other) for other in said):
            yield f"raises {name} and does not say so"


def _is(known: Any, other: str) -> bool:
    """Whether a class, or one that it inherits from, has this name."""
    return any(base.__name__ == other for base in getattr(known, "__mro__", ()))


def _raised(node: ast.AST, helpers: Mapping[str, ast.FunctionDef], seen: set[str]) -> set[str]:
    """Names of errors that a function raises, or private helpers of its module that it calls.

    What is raised where a handler stands by is taken to be handled.
    """
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.Try) and child.handlers:
            for part in (*child.handlers, *child.orelse, *child.finalbody):
                found |= _raised(part, helpers, seen)
            continue
        if isinstance(child, ast.Raise) and isinstance(child.exc, ast.Call):
            name = getattr(child.exc.func, "id", "")
            found |= {name} if name[:1].isupper() else set()
        if isinstance(child, ast.Call):
            name = getattr(child.func, "id", getattr(child.func, "attr", ""))
            if name == "Faults" and child.args and isinstance(child.args[0], ast.Name):
                found.add(child.args[0].id)
            if name.startswith("_") and name in helpers and name not in seen:
                found |= _raised(helpers[name], helpers, seen | {name})
        found |= _raised(child, helpers, seen)
    return found


def main() -> int:
    """Print the faults; 1 where there are some."""
    found = faults()
    print("\n".join(found), end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
