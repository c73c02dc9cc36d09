"""A template read into tokens, each in the group (element, tag, block) that holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from tools.templates.elements import RAW, VOID, names

Kind = Literal[
    "space",  # white space of running text
    "text",  # a run of text without white space
    "value",  # {{ }}
    "django",  # {% %} that neither opens nor ends anything
    "begin",  # {% if %}: opens a group
    "middle",  # {% else %}
    "end",  # {% endif %}
    "open",  # the whole of <a href="">, once its own tokens are read
    "close",  # </a>
    "raw",  # what is read as it stands: <!-- -->, <script>, {% verbatim %}, a sentence that is not trimmed
    "note",  # {# #} and the words of {% comment %}
    "gap",  # white space between attributes
    "part",  # a piece of an attribute
    "edge",  # > or />
]
Spot = Literal["text", "tag", "value"]  # running text, between attributes, or within the value of one
GroupKind = Literal["root", "element", "tag", "block", "sentence", "note"]

MIDDLES = names("else elif empty plural")
SENTENCES = ("blocktranslate", "blocktrans")

_DJANGO = re.compile(r"\{%\s*(\w+)(.*?)%\}|\{\{.*?\}\}|\{#.*?#\}")
_SPACE = re.compile(r"\s+")
_TEXT = re.compile(r"(?:[^\s<{]|\{(?![{%#])|<(?![a-zA-Z/!]))+")
_OPEN = re.compile(r"<([a-zA-Z][\w:.-]*)")
_CLOSE = re.compile(r"</([a-zA-Z][\w:.-]*)[^>]*>")
_ASIDE = re.compile(r"<!--.*?-->|<![^>]*>", re.DOTALL)
_PART = re.compile(r"[^\s\"'>{/]+|[{/]")
_INNER = re.compile(r"[^\s{]+|\{")  # a word within a value or a sentence


@dataclass(slots=True, eq=False)
class Group:
    """What holds tokens: an element, the inside of a tag, a block of Django, a sentence, a note."""

    kind: GroupKind
    name: str
    depth: int
    parent: Group | None
    first: int = 0  # where its inside begins and ends
    last: int = 0
    drawing: bool = False  # within <svg>, where white space is never seen


@dataclass(slots=True, eq=False)
class Token:
    """One piece of a template."""

    kind: Kind
    start: int
    end: int
    group: Group
    name: str = ""
    rest: str = ""  # what a tag of Django says after its name; the whole of an HTML tag
    spot: Spot = "text"
    own: Group | None = None  # the group that it opens or ends

    @property
    def inside(self) -> bool:
        """Whether it stands within an HTML tag."""
        return self.spot != "text"


@dataclass(slots=True)
class Scan:
    """The tokens and groups of one template."""

    source: str
    tokens: list[Token] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


class UnreadableError(ValueError):
    """A template that this tool cannot read."""


def scan(source: str) -> Scan:
    """Read a template.

    Raises
    ------
    UnreadableError
        Where a block, a tag or a value is never ended.
    """
    return _Reader(source).read()


def tag_of(group: Group | None) -> Group | None:
    """The HTML tag that a group lies within, if any."""
    while group and group.kind != "tag":
        group = group.parent
    return group


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.found = Scan(source)
        self.at = 0
        self.stack: list[Group] = []
        self._push("root", "")

    def read(self) -> Scan:
        while self.at < len(self.source):
            self._flow()
        for group in self.stack:
            if group.kind in ("block", "sentence", "note", "tag"):
                raise UnreadableError(f"{group.name} is never ended")
            group.last = len(self.source)
        return self.found

    def _flow(self) -> None:
        source, at = self.source, self.at
        if match := _DJANGO.match(source, at):
            self._django(match)
        elif source.startswith("{%", at) or source.startswith("{{", at):
            raise UnreadableError(f"a tag of Django over several lines: {source[at : at + 40]!r}")
        elif match := _SPACE.match(source, at):
            self._take("space", match.end())
        elif match := _ASIDE.match(source, at):
            self._take("raw", match.end(), name="doctype" if source.startswith("<!d", at) else "aside")
        elif match := _CLOSE.match(source, at):
            self._close(match)
        elif match := _OPEN.match(source, at):
            self._open(match)
        else:
            match = _TEXT.match(source, at)
            self._take("text", match.end() if match else at + 1)

    def _django(self, match: re.Match[str], spot: Spot = "text") -> None:
        """A tag, value or note of Django, in running text, between attributes or within a value."""
        name, rest = match.group(1), (match.group(2) or "").strip()
        if name is None:
            self._take("note" if match.group().startswith("{#") else "value", match.end(), spot=spot)
        elif name in ("comment", "verbatim"):
            self._until_end(match, name, spot=spot)
        elif name in SENTENCES:
            self._sentence(match, name, rest, spot=spot)
        elif name in MIDDLES and spot != "value":
            group = self._down_to("block")
            self._take("middle", match.end(), name=name, own=group, spot=spot)
        elif name.startswith("end") and spot != "value":
            group = self._down_to("block")
            if group is None or group.name != name.removeprefix("end"):
                raise UnreadableError(f"{name} ends nothing")
            group.last = self.at
            self.stack.pop()
            self._take("end", match.end(), name=name, own=group, spot=spot)
        elif spot != "value" and re.search(r"\{%\s*end" + name + r"\b", self.source[match.end() :]):
            self._take("begin", match.end(), name=name, rest=rest, spot=spot)
            self.found.tokens[-1].own = self._push("block", name)
        else:
            self._take("django", match.end(), name=name, rest=rest, spot=spot)

    def _until_end(self, match: re.Match[str], name: str, spot: Spot) -> None:
        """{% comment %} is a note whose words may wrap; {% verbatim %} stays as it is."""
        end = re.compile(r"\{%\s*end" + name + r"\s*%\}").search(self.source, match.end())
        if end is None:
            raise UnreadableError(f"{name} is never ended")
        if name == "verbatim" or spot != "text":
            self._take("raw", end.end(), name=name, spot=spot)
            return
        self._take("begin", match.end(), name=name)
        group = self.found.tokens[-1].own = self._push("note", name)
        self._words(end.start(), "note")
        group.last = self.at
        self.stack.pop()
        self._take("end", end.end(), name="end" + name, own=group)

    def _sentence(self, match: re.Match[str], name: str, rest: str, spot: Spot) -> None:
        """A translated sentence: one that is trimmed may wrap, since Django joins its lines by one space."""
        end = re.compile(r"\{%\s*end" + name + r"\s*%\}").search(self.source, match.end())
        if end is None:
            raise UnreadableError(f"{name} is never ended")
        if "trimmed" not in rest.split():
            self._take("raw", end.end(), name=name, rest=rest, spot=spot)
            return
        self._take("begin", match.end(), name=name, rest=rest, spot=spot)
        group = self.found.tokens[-1].own = self._push("sentence", name)
        while self.at < end.start():
            tag = _DJANGO.match(self.source, self.at)
            if tag and tag.group(1) == "plural":
                self._take("middle", tag.end(), name="plural", own=group, spot=spot)
            elif tag:
                self._take("value", tag.end(), spot=spot)
            else:
                self._words(end.start(), "text", once=True, spot=spot)
        group.last = self.at
        self.stack.pop()
        self._take("end", end.end(), name="end" + name, own=group, spot=spot)

    def _words(self, until: int, kind: Kind, *, once: bool = False, spot: Spot = "text") -> None:
        while self.at < until:
            match = _SPACE.match(self.source, self.at) or _INNER.match(self.source, self.at)
            assert match
            end = min(match.end(), until)
            self._take("space" if match.re is _SPACE else kind, end, spot=spot)
            if once:
                return

    def _open(self, match: re.Match[str]) -> None:
        """<a href=""> as a whole, and its pieces before it; then the element that it opens."""
        start, name, parent = self.at, match.group(1).lower(), self.stack[-1]
        self._take("part", match.end(), spot="tag", name=name)
        tag = self._push("tag", name)
        self.found.tokens[-1].group = tag
        quote = ""
        while True:
            if self.at >= len(self.source):
                raise UnreadableError(f"<{name} is never ended")
            here = self.source[self.at]
            if django := _DJANGO.match(self.source, self.at):
                self._django(django, "value" if quote else "tag")
            elif quote:
                end = self.source.find(quote, self.at)
                brace = self.source.find("{", self.at + 1)
                stop = min(x for x in (end, brace, len(self.source)) if x >= 0)
                if here == quote:
                    quote, stop = "", self.at + 1
                self._take("part", stop, spot="value", name="end" if not quote else "")
            elif here in "\"'":
                quote = here
                self._take("part", self.at + 1, spot="value")
            elif space := _SPACE.match(self.source, self.at):
                self._take("gap", space.end(), spot="tag")
            elif here == ">" or self.source.startswith("/>", self.at):
                break
            else:
                part = _PART.match(self.source, self.at)
                self._take("part", part.end() if part else self.at + 1, spot="tag")
        if self.stack[-1] is not tag:
            raise UnreadableError(f"a block within <{name} is never ended")
        tag.last = self.at
        self._take("edge", self.at + (1 if here == ">" else 2), spot="tag")
        self.stack.pop()
        self.found.tokens.append(Token("open", start, self.at, parent, name, self.source[start : self.at]))
        if name not in VOID and here == ">":
            drawing = name == "svg" or (
                parent.drawing and name not in ("title", "desc", "text", "foreignobject")
            )
            self.found.tokens[-1].own = self._push("element", name, drawing=drawing)
            if name in RAW:
                end = self.source.lower().find(f"</{name}", self.at)
                if end < 0:
                    raise UnreadableError(f"<{name}> is never closed")
                if end > self.at:
                    self._take("raw", end, name=name)

    def _close(self, match: re.Match[str]) -> None:
        name = match.group(1).lower()
        for number in range(len(self.stack) - 1, 0, -1):
            group = self.stack[number]
            if group.kind != "element":
                break
            if group.name == name:
                group.last = self.at
                del self.stack[number:]
                self._take("close", match.end(), name=name, own=group)
                return
        self._take("close", match.end(), name=name)  # its opening stands in another branch

    def _down_to(self, kind: GroupKind) -> Group | None:
        """Leave the elements that a branch has opened and not closed."""
        while self.stack[-1].kind == "element":
            self.stack.pop().last = self.at
        return self.stack[-1] if self.stack[-1].kind == kind else None

    def _push(self, kind: GroupKind, name: str, *, drawing: bool | None = None) -> Group:
        parent = self.stack[-1] if self.stack else None
        if drawing is None:
            drawing = bool(parent and parent.drawing)
        depth = parent.depth + 1 if parent else 0
        group = Group(kind, name, depth, parent, first=self.at, drawing=drawing)
        self.stack.append(group)
        self.found.groups.append(group)
        return group

    def _take(
        self,
        kind: Kind,
        end: int,
        *,
        name: str = "",
        rest: str = "",
        spot: Spot = "text",
        own: Group | None = None,
    ) -> None:
        token = Token(kind, self.at, end, self.stack[-1], name, rest, spot, own)
        self.found.tokens.append(token)
        self.at = end
