"""What a rendered page shows, so that two renderings can be held against each other to the letter.

A browser drops white space at the borders of a block and shows any other as one space. `shown` does the same:
what is left are tags with their attributes, words, and the spaces that a reader sees. It goes by the list of
inline elements while `flow` goes by a list of blocks, so that a mistake in one is found by the other.
"""

from __future__ import annotations

import json
import re
from difflib import unified_diff
from xml.etree.ElementTree import Element

import html5lib

from tools.templates.elements import names

INLINE = names(
    """
    a abbr b bdi bdo cite code data dfn em i kbd label mark output q ruby s samp small span strong sub sup
    time u var
    """
)
# inline like a word; what is inside begins a line of its own
BOXES = names("audio button canvas img input meter object picture progress select svg textarea video wbr")
UNSHOWN = names("base link meta noscript script style template title")
EXACT = names("pre script style textarea")
DRAWN_WORDS = names("desc text title tspan")  # a drawing shows these, and a tip shows their line breaks


def differences(before: str, after: str) -> list[str]:
    """The lines of a diff between what two pages show; none where a reader can tell no difference."""
    first, second = shown(before), shown(after)
    return [] if first == second else list(unified_diff(first, second, "before", "after", lineterm="", n=2))


def shown(page: str) -> list[str]:
    """What a page, or a part of one, shows: a tag, a word or a space that is seen each."""
    whole = page.lstrip()[:9].lower() == "<!doctype"
    parse = html5lib.parse if whole else html5lib.parseFragment
    reader = _Reader()
    reader.inside(parse(page, treebuilder="etree", namespaceHTMLElements=False))
    reader.border()
    return reader.pieces


class _Reader:
    """Writes down pieces; knows whether a space at this place would be seen."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.at_border = True
        self.space: int | None = None  # where the space stands that no word has followed yet

    def border(self) -> None:
        """A block begins or ends: white space on both sides of it is dropped."""
        if self.space is not None:
            del self.pieces[self.space]
        self.at_border, self.space = True, None

    def content(self, piece: str) -> None:
        """Something that is seen."""
        self.pieces.append(piece)
        self.at_border, self.space = False, None

    def unseen(self, pieces: list[str]) -> None:
        """Something that is not shown: a space before it is the same as one behind it."""
        if self.space is not None and self.space == len(self.pieces) - 1:
            self.pieces[self.space : self.space] = pieces
            self.space += len(pieces)
        else:
            self.pieces += pieces

    def words(self, text: str | None) -> None:
        """Running text."""
        for run in re.findall(r"[ \t\n\r\f]+|[^ \t\n\r\f]+", text or ""):
            if run[0] not in " \t\n\r\f":
                self.content(run)
            elif not self.at_border and self.space is None:
                self.space = len(self.pieces)
                self.pieces.append(" ")

    def inside(self, element: Element) -> None:
        """What stands between an element's tags."""
        self.words(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self.element(child)
            self.words(child.tail)

    def element(self, element: Element) -> None:
        """An element: a block, a part of a line, a box in a line, or nothing that is seen."""
        name = _name(element)
        if name in UNSHOWN or (name == "input" and element.get("type") == "hidden"):
            self.unseen([_opening(element), *_apart(element), f"</{name}>"])
        elif name in BOXES:
            self.content(_opening(element))
            self.pieces += _drawn(element) if name == "svg" else _apart(element)
            self.content(f"</{name}>")
        elif name in INLINE:
            self.pieces.append(_opening(element))
            self.inside(element)
            self.pieces.append(f"</{name}>")
        else:
            self.border()
            self.pieces.append(_opening(element))
            if name in EXACT:
                self.pieces.append(repr(element.text))
            self.inside(element)
            self.border()
            self.pieces.append(f"</{name}>")


def _apart(element: Element) -> list[str]:
    """The inside of an element that is laid out by itself, or read by a program."""
    if _name(element) == "script" and "json" in element.get("type", ""):
        return [json.dumps(json.loads(element.text or "null"))]
    if _name(element) in EXACT:
        return [repr("".join(element.itertext()))]
    reader = _Reader()
    reader.inside(element)
    reader.border()
    return reader.pieces


def _drawn(element: Element) -> list[str]:
    """The inside of a drawing, where only its words are text."""
    pieces = [repr(element.text)] if _name(element) in DRAWN_WORDS else []
    for child in element:
        if isinstance(child.tag, str):
            pieces += [_opening(child), *_drawn(child), f"</{_name(child)}>"]
        if _name(element) in DRAWN_WORDS:
            pieces.append(repr(child.tail))
    return pieces


def _opening(element: Element) -> str:
    """An element's tag with its attributes in order; a form's token is another one each time."""
    attributes = dict(element.attrib)
    if attributes.get("name") == "csrfmiddlewaretoken":
        attributes["value"] = "..."
    return f"<{_name(element)}{''.join(f' {key}={value!r}' for key, value in sorted(attributes.items()))}>"


def _name(element: Element) -> str:
    return re.sub(r"^\{.*\}", "", str(element.tag)).lower()
