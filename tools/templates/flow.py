"""Where a new line in running text is seen by nobody.

White space beside the border of a block, or beside other white space, makes no gap; between two inline
elements it does. What stands beside a place depends on the branches that were taken before and after it, so
every branch is followed both ways: a place is harmless when on one of its sides, whichever branch was taken,
a border or white space comes first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.templates.elements import BLOCKS, HOLDERS, names
from tools.templates.scan import Scan, Token, scan

# blocks of Django that show what they hold and nothing else
FRAMES = names("with language autoescape localize localtime timezone spaceless")
CHOICES = names("if ifchanged for")
SILENT = names("load csrf_token extends")  # csrf_token is a hidden field

_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
_NAMED = re.compile(r"\bas (var )?\w+$|\basvar\b")  # what is said goes into a variable

# True: a border or white space; False: something that is seen; None: nothing, so what stood before it counts
Effect = bool | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What including a template leaves for what stands after it, and for what stands before it."""

    onward: Effect
    backward: Effect


UNKNOWN = Summary(False, False)


@dataclass(slots=True)
class _Node:
    """A token of running text, or a block: its branches and the tags that begin, part and end them."""

    marks: list[Token]
    branches: list[list[_Node]] = field(default_factory=list)


class Flow:
    """Says of each place between two tokens whether a new line there is harmless."""

    def __init__(self, found: Scan, included: Callable[[str], Summary]) -> None:
        self.included = included
        tokens = [token for token in found.tokens if not token.inside]
        self.extends = any(token.kind == "django" and token.name == "extends" for token in tokens)
        self._left: dict[int, bool] = {}  # by where a token starts: a border comes last before it
        self._right: dict[int, bool] = {}  # by where a token ends: a border comes first after it
        nodes = _tree(iter(tokens))
        best = self._run(nodes, True, 1), self._run(nodes, True, -1)
        # what stands around an included template is not known; around one that extends, nothing is shown
        worst = self._run(nodes, self.extends, 1), self._run(nodes, self.extends, -1)
        onward, backward = (a if a == b else None for a, b in zip(worst, best, strict=True))
        self.summary = UNKNOWN if self.extends else Summary(onward, backward)

    def harmless(self, before: Token, after: Token) -> bool:
        """Whether white space between two neighbours in running text is seen by nobody."""
        return self._left[after.start] or self._right[before.end]

    def spare(self, space: Token) -> bool:
        """Whether white space that stands is seen by nobody."""
        return self._left[space.start] or self._right[space.end]

    def shows_block(self, token: Token) -> bool:
        """Whether a token includes a template that begins or ends with the border of a block."""
        return token.name == "include" and True in (self._effect(token, 1), self._effect(token, -1))

    def _run(self, nodes: list[_Node], state: bool, way: int) -> bool:
        """Follow nodes onward (1) or backward (-1), note the state before each, and return the last."""
        for node in nodes[::way]:
            self._note(node.marks[0 if way > 0 else -1], state, way)
            state = self._block(node, state, way) if node.branches else self._after(node.marks[0], state, way)
            if self.extends and node.marks[0].group.kind == "root":
                state = True
        return state

    def _note(self, token: Token, state: bool, way: int) -> None:
        if way > 0:
            self._left[token.start] = state
        else:
            self._right[token.end] = state

    def _block(self, node: _Node, state: bool, way: int) -> bool:
        name = node.marks[0].name
        if name == "block" or name not in FRAMES | CHOICES:
            # another template may put there what it likes, or the tag may do with it what it likes
            known = name == "block" and not self.extends
            self._branches(node, state and known, way)
            return False
        last = self._branches(node, state, way)
        if name == "for":  # a turn of the loop may come after another one
            last = self._branches(node, state and last, way)
        always = name in FRAMES or (len(node.branches) > 1 and node.marks[-2].name in ("else", "empty"))
        return last if always else state and last

    def _branches(self, node: _Node, state: bool, way: int) -> bool:
        last = True
        for number, branch in enumerate(node.branches):
            here = self._run(branch, state, way)
            self._note(node.marks[number + 1 if way > 0 else number], here, way)
            last = last and here
        return last

    def _after(self, token: Token, state: bool, way: int) -> bool:
        effect = self._effect(token, way)
        return state if effect is None else effect

    def _effect(self, token: Token, way: int) -> Effect:
        """What a token leaves for what comes next in the way that is followed."""
        silent = bool(_NAMED.search(_QUOTED.sub("", token.rest)))
        match token.kind:
            case "space":
                return True
            case "open" | "close":
                return self._element(token, way)
            case "note":
                return None
            case "raw":
                return (
                    None if silent or token.name in ("aside", "script", "style") else token.name == "doctype"
                )
            case "begin":  # of a note or a sentence: their words are no nodes
                return None if silent or token.name == "comment" else False
            case "django" if silent or token.name in SILENT:
                return None
            case "django" if token.name == "include" and token.rest[0] in "\"'":
                summary = self.included(token.rest.split()[0].strip("\"'"))
                return summary.onward if way > 0 else summary.backward
        return False

    def _element(self, token: Token, way: int) -> Effect:
        if token.name in BLOCKS or (token.group.drawing and token.name not in ("text", "tspan")):
            return True
        if token.name == "input" and 'type="hidden"' in token.rest:
            return None
        inwards = (token.kind == "open") == (way > 0)
        return token.name in HOLDERS and inwards


class Library:
    """The templates of a tree by the names that `include` calls them by."""

    def __init__(self, root: Path) -> None:
        self.paths = {
            path.relative_to(folder).as_posix(): path
            for folder in sorted(root.rglob("templates"))
            for path in sorted(folder.rglob("*.html"))
        }
        self._summaries: dict[str, Summary] = {}

    def included(self, name: str) -> Summary:
        """What including a template of this name does to what stands beside it."""
        if name not in self._summaries:
            self._summaries[name] = UNKNOWN  # for one that includes itself
            if path := self.paths.get(name):
                self._summaries[name] = Flow(scan(path.read_text(encoding="utf-8")), self.included).summary
        return self._summaries[name]


def _tree(tokens: Iterator[Token]) -> list[_Node]:
    """The nodes of a template, or of one branch; the tag that ends the branch is the last of them."""
    nodes: list[_Node] = []
    for token in tokens:
        if token.kind != "begin":
            nodes.append(_Node([token]))
            if token.kind in ("middle", "end"):
                return nodes
            continue
        node = _Node([token])
        while node.marks[-1].kind != "end":
            *branch, mark = _tree(tokens)
            node.branches.append(branch)
            node.marks.extend(mark.marks)
        if (
            token.own and token.own.kind != "block"
        ):  # nothing stands between the words of a note or a sentence
            node.branches.clear()
        nodes.append(node)
    return nodes
