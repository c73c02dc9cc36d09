"""No regular expression over foreign text can be made to run for long: each is fuzzed with its own parts.

The walk finds every expression of both packages, and by which methods it is asked. The texts are built from
the expression itself: a beginning that fits, then one of its parts, or two of its letters, again and again,
then something that does not fit. At `LENGTH` letters, what grows with the length takes milliseconds; what
grows with its square takes the better part of a second, and anything worse never ends. Processor time is
counted, in a process that ends when it has used too much, so a busy machine changes nothing. Polars' own
expressions (`.str.extract`) are of Rust's engine, which is linear.
"""

from __future__ import annotations

import ast
import os
import re
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

import pytest

import mahalleh
import mahalleh_site

LENGTH = 30_000  # letters
MOST = 0.25  # seconds of processor time for one text
IN_ALL = 10  # ... for all texts of one expression
SOURCES = [Path(package.__file__).parent for package in (mahalleh, mahalleh_site)]
ASKING = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
OTHERS = ("RegexValidator", "RegexField", "re_path", "URLValidator", "urlize", "urlizetrunc", "striptags")
# Expressions that never see foreign text: (module, reason).
OURS = {
    "mahalleh_site/ui/gallery.py": "reads the house's own templates",
    "mahalleh_site/releases/charts.py": "reads drawings that the house made, in which names are escaped",
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for source in SOURCES:
        for path in sorted(source.rglob("*.py")):
            yield str(path.relative_to(source.parent)), ast.parse(path.read_text(encoding="utf-8"))


def written(node: ast.expr) -> str | bytes:
    """The expression that a call is given; what is only known when it runs is an `x`."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
    if isinstance(node, ast.BinOp):
        return written(node.left) + written(node.right)
    return "x"


def flags(call: ast.Call) -> int:
    named = {
        each.attr
        for each in ast.walk(call)
        if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "re" and each.attr.isupper()
    }
    return sum(getattr(re, name) for name in named)


def found() -> dict[tuple[str, str | bytes, int], set[str]]:
    """Every expression by its module, text and flags, with the methods it is asked by."""
    asked: dict[str, set[str]] = defaultdict(set)  # by the name that it is kept under
    kept: dict[tuple[str, str | bytes, int], str] = {}
    at_once: dict[tuple[str, str | bytes, int], set[str]] = {}
    for name, tree in modules():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner, method = ast.unparse(node.func.value), node.func.attr
            if owner == "re" and method == "compile":
                kept[name, written(node.args[0]), flags(node)] = ""
            elif owner == "re" and method in ASKING:
                at_once[name, written(node.args[0]), flags(node)] = {method}
            elif method in ASKING:
                asked[owner.rpartition(".")[2]].add(method)
        for node in ast.walk(tree):
            value = getattr(node, "value", None)
            if isinstance(node, ast.Assign | ast.AnnAssign) and _compiles(value):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                kept[name, written(value.args[0]), flags(value)] = ast.unparse(target)
    return at_once | {key: asked[target] for key, target in kept.items()}


def _compiles(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "re.compile"


FOUND = found()


def test_walk__finds_every_expression_and_how_it_is_asked():
    assert len(FOUND) > 20
    assert {key[:2] for key, methods in FOUND.items() if not methods} == set()
    assert {name for name, _text, _flags in FOUND} >= set(OURS)
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):  # another way in would not be seen
                assert node.module not in ("re", "regex"), name
            assert not (isinstance(node, ast.Import) and "regex" in {each.name for each in node.names}), name
            assert not (isinstance(node, ast.Name) and node.id in OTHERS), name


def test_templates__ask_no_filter_that_searches_for_addresses_or_marks():
    """Django's own expressions for these are known to take long."""
    for source in SOURCES:
        for path in source.rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\|\s*(urlize|urlizetrunc|striptags)\b", text), path.name


# --- what an expression is made of

LETTERS = "a1 _-.\n\t<>\"'@:/+Zé\u06f1\x00"


def letter(node: object) -> str:
    """A letter that a set of letters holds."""
    (code, value) = node  # type: ignore[misc]
    if code is sre.LITERAL:
        return chr(value)
    fits = re.compile(f"[{_set(node)}]") if code is sre.IN else None
    if fits is not None:
        return next((each for each in LETTERS if fits.match(each)), "~")
    if code is sre.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    return "a"


def _set(node: object) -> str:
    """A set of letters as it is written between brackets."""
    text = ""
    for code, value in node[1]:  # type: ignore[index]
        if code is sre.NEGATE:
            text += "^"
        elif code is sre.LITERAL:
            text += re.escape(chr(value))
        elif code is sre.RANGE:
            text += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        elif code is sre.CATEGORY:
            text += CATEGORIES[value]
    return text


CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def example(nodes: object) -> str:
    """A short text that a part of an expression fits; what may be repeated stands there once."""
    return "".join(_example(node) for node in nodes)  # type: ignore[attr-defined]


def _example(node: object) -> str:
    code, value = node  # type: ignore[misc]
    if code in REPEATS:
        return example(value[2]) * max(value[0], 1)
    if code is sre.SUBPATTERN:
        return example(value[3])
    if code is sre.ATOMIC_GROUP:
        return example(value)
    if code is sre.BRANCH:
        return example(value[1][0])
    if code in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return ""
    return letter(node)


def parts(nodes: object) -> Iterator[str]:
    """A text for every part of an expression, from single letters to the whole of a group."""
    for node in nodes:  # type: ignore[attr-defined]
        yield _example(node)
        code, value = node
        inner = {sre.SUBPATTERN: lambda value: [value[3]], sre.BRANCH: lambda value: value[1]}.get(code)
        for each in inner(value) if inner else [value[2]] if code in REPEATS else []:
            yield example(each)
            yield from parts(each)


def hostile(text: str | bytes, mode: int) -> Iterator[str | bytes]:
    """Beginnings that fit, parts again and again, and an end that does not fit."""
    tree = list(parser.parse(text, mode))
    pieces = {piece for piece in parts(tree) if piece}
    letters = sorted({piece for piece in pieces if len(piece) == 1})
    some = {
        *letters[:: max(1, len(letters) // 4)],
        "\n",
    }  # what stands in a word alone is as good as any other
    pumps = {piece for piece in pieces if len(piece) > 1} | {a + b for a, b in product(some, some)}
    turns = [n for n, (code, _value) in enumerate(tree, 1) if code is not sre.LITERAL]
    starts = {"", example(tree), *(example(tree[:length]) for length in turns[:3])}
    for start, pump, end in product(sorted(starts), sorted(pumps), ("", "\n!")):
        told = start + pump * (LENGTH // len(pump)) + end
        yield told.encode("latin-1", "replace") if isinstance(text, bytes) else told


def ask(expression: re.Pattern, method: str, text: str | bytes) -> float:
    """Seconds of processor time."""
    given = [text[:0], text] if method in ("sub", "subn") else [text]
    began = time.process_time()
    asked = getattr(expression, method)(*given)
    if method == "finditer":
        list(asked)
    return time.process_time() - began


def too_long(text: str | bytes, mode: int, methods: set[str]) -> str:
    """A text that keeps an expression busy for too long, and by which method; empty where there is none."""
    expression = re.compile(text, mode)
    for given, method in product(hostile(text, mode), sorted(methods)):
        if ask(expression, method, given) > MOST and ask(expression, method, given) > MOST:
            return f"{method} {given[:60]!r}"
    return ""


def apart(text: str | bytes, mode: int, methods: set[str], *, seconds: int = IN_ALL) -> str:
    """`too_long`, in a process of its own: it ends with its time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        os.write(writing, too_long(text, mode, methods).encode() or b"-")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        found = told.read().decode()
    os.waitpid(child, 0)
    return "" if found == "-" else found or "it never ended"


FOREIGN = [key for key in FOUND if key[0] not in OURS]


@pytest.mark.real_clock("processor time is counted")
@pytest.mark.parametrize(
    ("name", "text", "mode"), FOREIGN, ids=[f"{key[0]}-{n}" for n, key in enumerate(FOREIGN)]
)
def test_expression__is_never_busy_for_long(name, text, mode):
    assert apart(text, mode, FOUND[name, text, mode]) == ""


@pytest.mark.real_clock("processor time is counted")
@pytest.mark.parametrize(
    ("text", "method"),
    [
        (rb"(<\?xml[^>]*>|<!--.*?-->|\s)*<(html|body)\b", "match"),  # 6 s for 24 comments, as it was once
        (r"[^@\s]+@[^@\s]+\.[^@\s]+", "fullmatch"),
        (r"\s+$", "search"),
        (r"<p[^>]*>", "search"),
    ],
)
def test_fuzzing__finds_expressions_that_blow_up(text, method):
    assert apart(text, re.DOTALL, {method}, seconds=2)
