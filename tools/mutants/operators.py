"""The small changes that are tried, found in a module's syntax tree and cut into its text."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass

COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
COUNTED = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
JOINED = {ast.And: ("and", "or"), ast.Or: ("or", "and")}

# what would change nothing that a test could or should see
SILENT = re.compile(r"^(logger|logging|log|warnings|typing|progress|gc)\.|^(print|warn|cast|reveal_type)$")
SHOWN = frozenset(["__repr__", "__str__"])
SYMMETRIC = frozenset(
    (
        *("min", "max", "minimum", "maximum", "add", "multiply", "hypot", "gcd", "isclose", "allclose"),
        *("array_equal", "logical_and", "logical_or", "union", "intersection", "select", "with_columns"),
    )
)
MEANINGLESS = frozenset(
    (
        "strict",
        "encoding",
        "stacklevel",
        "name",
        "doc",
        "verbose_name",
        "help_text",
        "slots",
        "errors",
        "newline",
    )
)
CODE = re.compile(r"[a-z0-9_]+\.[a-z0-9-]+")  # of an error: what it tells is for people
# decorators that change nothing but speed or type, or without which nothing imports
KEPT = re.compile(
    r"dataclass|njit|jit|kernel|overload|intrinsic|vectorize|cache|property|setter|staticmethod|classmethod|abstract|final"
    r"|override|register|wraps|fixture|receiver|total_ordering|command|callback|contextmanager"
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: `before` at `start` becomes `after`."""

    path: str  # from the root of the tree
    line: int
    lines: tuple[int, int]  # of the statement that it changes, first and last
    operator: str
    where: str  # the function or class that it stands in
    start: int
    end: int
    after: str
    key: str  # stays while the statement stays, wherever its module goes

    def apply(self, source: str) -> str:
        """The module with the change."""
        return source[: self.start] + self.after + source[self.end :]


def mutants(path: str, source: str) -> list[Mutant]:
    """Every change that can be tried in a module; each gives another tree that compiles."""
    tree = ast.parse(source)
    whole = ast.dump(tree)
    finder = _Finder(path, source)
    finder.visit(tree)
    found, seen = [], set()
    for mutant in finder.found:
        changed = mutant.apply(source)
        try:
            other = ast.dump(ast.parse(changed))
        except SyntaxError:
            continue
        if other != whole and other not in seen:
            seen.add(other)
            found.append(mutant)
    return found


class _Finder(ast.NodeVisitor):
    """Walks a module and notes the changes, outside of what only speaks to people or to the type checker."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.source = source
        self.found: list[Mutant] = []
        self.names: list[str] = []
        self.statement: ast.stmt | None = None
        self.counted: dict[str, int] = {}
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.text = source.splitlines(keepends=True)

    # --- places
    def at(self, line: int, column: int) -> int:
        """Where a line and a column (in bytes) lie in the text."""
        return self.starts[line - 1] + len(self.text[line - 1].encode()[:column].decode())

    def start(self, node: ast.expr | ast.stmt) -> int:
        """Where a node begins."""
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Where a node ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.end_lineno, node.end_col_offset)

    def cut(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        return self.source[self.start(node) : self.end(node)]

    def note(self, operator: str, start: int, end: int, after: str) -> None:
        """Write down a change."""
        statement = self.statement
        assert statement
        where = ".".join(self.names) or "<module>"
        body = getattr(statement, "body", None)
        head = self.source[self.start(statement) : self.start(body[0])] if body else self.cut(statement)
        name = self.path.rpartition("/")[2].removesuffix(".py")
        told = f"{name}.{where} {operator} {' '.join(head.split())} {self.source[start:end]} {after}"
        self.counted[told] = self.counted.get(told, 0) + 1
        key = hashlib.sha256(f"{told} {self.counted[told]}".encode()).hexdigest()[:8]
        line = self.source.count("\n", 0, start) + 1
        # a decorator or a default is met by whoever runs the function, a block's condition by who comes there
        last = body[0].lineno - 1 if body and not isinstance(statement, FUNCTIONS) else statement.end_lineno
        span = (statement.lineno, max(statement.lineno, last or 0))
        self.found.append(
            Mutant(
                self.path, line, span, operator, where, start, end, after, f"{name}.{where}:{operator}:{key}"
            )
        )

    # --- what is walked
    def visit(self, node: ast.AST) -> None:
        """Visit a node; statements are remembered, since they say what a test must run."""
        if isinstance(node, ast.stmt):
            before, self.statement = self.statement, node
            super().visit(node)
            self.statement = before
        else:
            super().visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Visit what stands within, without type hints and decorators."""
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_comment", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self.visit(child)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        """A function: its decorators can go, its inside is walked."""
        if node.name in SHOWN:
            return
        self.names.append(node.name)
        for decorator in node.decorator_list:
            if not KEPT.search(self.cut(decorator)):
                start = self.source.rindex("@", 0, self.start(decorator))
                self.note("decorator", start, self.end(decorator), f"# {'-' * 3}")
        self.generic_visit(node)
        self.names.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  (ast calls it so)
    visit_ClassDef = visit_FunctionDef  # noqa: N815  (ast calls it so)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """What is put into a text is for people."""

    def visit_If(self, node: ast.If) -> None:
        """A condition turned round; what is there for the type checker alone is left out."""
        if self.cut(node.test).endswith("TYPE_CHECKING"):
            return
        self.negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While | ast.IfExp) -> None:
        """A condition turned round."""
        self.negate(node.test)
        self.generic_visit(node)

    visit_IfExp = visit_While  # noqa: N815

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Conditions of a comprehension turned round."""
        for test in node.ifs:
            self.negate(test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Boundaries."""
        for left, operator, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            self.swap("compare", left, right, COMPARED.get(type(operator)))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Arithmetic; texts and paths are put together by the same signs."""
        texts = [
            side for side in (node.left, node.right) if isinstance(side, ast.JoinedStr) or _is_text(side)
        ]
        if not texts:
            self.swap("arithmetic", node.left, node.right, COUNTED.get(type(node.op)))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """A change in place: the other sign, or none."""
        signs = COUNTED.get(type(node.op))
        if signs and not _is_text(node.value):
            self.swap("arithmetic", node.target, node.value, (f"{signs[0]}=", f"{signs[1]}="))
        self.drop(node)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """And for or, or for and."""
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.swap("boolean", left, right, JOINED[type(node.op)])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """A sign or a `not` left out."""
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
            self.note("sign", self.start(node), self.end(node), f"({self.cut(node.operand)})")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Numbers by one, up and down; true for false."""
        value = node.value
        if isinstance(value, bool):
            self.note("constant", self.start(node), self.end(node), str(not value))
        elif isinstance(value, int | float):
            for other in (value + 1, value - 1):
                after = f"({other!r})" if other < 0 else repr(other)
                self.note("constant", self.start(node), self.end(node), after)

    def visit_Call(self, node: ast.Call) -> None:
        """Arguments swapped or left to their defaults; words for people are left alone."""
        called = self.cut(node.func)
        if SILENT.search(called) or (
            node.args and _is_text(node.args[0]) and CODE.fullmatch(_text(node.args[0]))
        ):
            return
        plain = not any(isinstance(arg, ast.Starred) for arg in node.args[:2])
        if len(node.args) > 1 and plain and called.rpartition(".")[2] not in SYMMETRIC:
            first, second = node.args[:2]
            between = self.source[self.end(first) : self.start(second)]
            after = self.cut(second) + between + self.cut(first)
            self.note("arguments", self.start(first), self.end(second), after)
        for keyword in node.keywords:
            if keyword.arg and keyword.arg not in MEANINGLESS:
                self.leave_out(node, keyword)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A statement left out; a docstring is none."""
        if isinstance(node.value, ast.Constant):
            return
        if isinstance(node.value, ast.Call) and SILENT.search(self.cut(node.value.func)):
            return
        self.drop(node)
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """An error that is not raised; what it tells is for people."""
        self.drop(node)

    def visit_Return(self, node: ast.Return) -> None:
        """Nothing given back, or not yet."""
        if node.value is None:
            self.drop(node)
        elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self.note("return", self.start(node), self.end(node), "return None")
        self.generic_visit(node)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        """A lock or a transaction left out."""
        if not any(item.optional_vars for item in node.items):
            last = node.items[-1].context_expr
            end = self.source.index(":", self.end(last))
            self.note("with", self.start(node), end, "if True")
        self.generic_visit(node)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_Continue(self, node: ast.Continue | ast.Break) -> None:
        """A loop that goes on."""
        self.drop(node)

    visit_Break = visit_Continue  # noqa: N815

    def visit_Assert(self, node: ast.Assert) -> None:
        """For the type checker: what matters raises."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """A named value: its hint is left alone."""
        if node.value:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """A named value; lists of names are for imports alone."""
        if self.cut(node.targets[0]) != "__all__":
            self.generic_visit(node)

    # --- changes
    def negate(self, test: ast.expr) -> None:
        """A condition turned round; a comparison or a `not` has a change of its own for that."""
        if not isinstance(test, ast.Compare | ast.UnaryOp | ast.Constant):
            self.note("negation", self.start(test), self.end(test), f"(not ({self.cut(test)}))")

    def drop(self, node: ast.stmt) -> None:
        """A statement left out."""
        self.note("statement", self.start(node), self.end(node), "pass")

    def swap(self, operator: str, left: ast.expr, right: ast.expr, signs: tuple[str, str] | None) -> None:
        """Another sign between two sides."""
        if signs is None:
            return
        start, end = self.end(left), self.start(right)
        between = self.source[start:end]
        pattern = r"\s+".join(rf"{re.escape(word)}" for word in signs[0].split())
        if re.match(r"\w", signs[0]):
            pattern = rf"\b{pattern}\b"
        if match := re.search(pattern, re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), between)):
            self.note(operator, start + match.start(), start + match.end(), signs[1])

    def leave_out(self, call: ast.Call, keyword: ast.keyword) -> None:
        """A keyword left to its default."""
        assert keyword.arg
        start = self.at(keyword.lineno, keyword.col_offset)
        end = self.end(keyword.value)
        rest = re.compile(r"[\s)]*,\s*").match(self.source, end)
        if rest and self.source[end : rest.end()].count(")") == 0:
            end = rest.end()
        self.note("keyword", start, end, "")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""
