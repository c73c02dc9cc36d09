"""Breaks what is too long, the outermost first, until nothing changes any more.

What holds a line break is broken at each of its borders: an element at its tags, a tag at its attributes, a
block at `{% if %}`, `{% else %}` and `{% endif %}`. So a group stands on one line or each of its parts does.
"""

from __future__ import annotations

import re
from bisect import bisect

from djhtml.modes import DjHTML

from tools.templates import TAB, WIDTH
from tools.templates.flow import Flow, Library
from tools.templates.places import Place, places
from tools.templates.scan import Group, Scan, UnreadableError, scan, tag_of

INDENT = 20  # about as deep as a tag stands
TRANSLATED = frozenset(["translate", "trans", "blocktranslate", "endblocktranslate"])
INDENTED = frozenset(
    ["textarea", "blocktranslate", "verbatim"]
)  # what djhtml indents though its lines are shown
ROUNDS = 60  # each breaks something, or is the last


def broken(source: str, library: Library) -> str:
    """The template with every line broken that is too long, indented by djhtml.

    Raises
    ------
    UnreadableError
        Where it cannot be read, or djhtml would change what a page shows.
    """
    for _ in range(ROUNDS):
        source = indented(source)
        found = scan(source)
        chosen = choose(found, places(found, Flow(found, library.included)))
        if not chosen:
            return source
        for place in sorted(chosen, key=lambda place: -place.start):
            source = source[: place.start] + "\n" + source[place.end :]
    raise UnreadableError("its lines never come to rest")


def outside(found: Scan) -> list[int]:
    """The length of each line without the sentences that are translated in it."""
    ends = [match.start() for match in re.finditer(r"\n|\Z", found.source)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    lengths = [end - start for start, end in zip(starts, ends, strict=True)]
    for token in found.tokens:
        if token.kind != "space" and (token.name in TRANSLATED or token.group.kind == "sentence"):
            lengths[bisect(starts, token.start) - 1] -= token.end - token.start
    return lengths


def indented(source: str) -> str:
    """The template as djhtml indents it."""
    for token in scan(source).tokens:
        content = source[token.start : token.end]
        if token.kind == "raw" and "\n" in content and token.name in INDENTED:
            raise UnreadableError(f"djhtml would indent the lines within {token.name}: keep them on one line")
    text: str = DjHTML(source).indent(TAB)
    return text


def choose(found: Scan, possible: list[Place]) -> set[Place]:
    """The places to break now: of groups that hold a line break; then of what is outermost on a long line."""
    source = found.source
    chosen = {
        place for place in possible if place.border and "\n" in source[place.group.first : place.group.last]
    }
    if chosen:  # lines are as long as they will be once these have broken
        return chosen
    for line, bare in zip(re.finditer(r"^.*$", source, re.MULTILINE), outside(found), strict=True):
        if line.end() - line.start() > WIDTH:
            first = line.end() - len(line.group().lstrip())
            here = [place for place in possible if first < place.start < line.end()]
            chosen |= _of_line(here, line, possible, must=bare > WIDTH)
    return chosen


def _of_line(here: list[Place], line: re.Match[str], possible: list[Place], *, must: bool) -> set[Place]:
    """The outermost places on a line that is too long; a tag that fits breaks only where nothing else can."""
    spare = {
        tag
        for place in here
        if (tag := tag_of(place.group)) and line.start() <= tag.first and _fits(tag, line)
    }
    rest = [place for place in here if tag_of(place.group) not in spare]
    if not rest:
        return _tag_of_line(spare, here, line, must=must)
    depth = min(place.group.depth for place in rest)
    outermost = [place for place in rest if place.group.depth == depth]
    groups = {place.group for place in outermost if place.border and place.group.kind != "tag"}
    spaces = [place for place in outermost if not place.border]
    if not groups and spaces:
        fitting = [place for place in spaces if place.start - line.start() <= WIDTH]
        return {fitting[-1] if fitting else spaces[0]}
    groups = groups or {place.group for place in outermost}
    return {place for place in possible if place.border and place.group in groups}


def _tag_of_line(tags: set[Group], here: list[Place], line: re.Match[str], *, must: bool) -> set[Place]:
    """The last tag that begins within the width, if what stands behind it will fit, or if it must break."""
    for tag in sorted(tags, key=lambda tag: -tag.first):
        own = {place for place in here if place.group is tag}
        behind = line.end() - tag.last
        more = any(place.start > tag.last for place in here)
        if (
            (must or len(own) > 1)
            and tag.first - line.start() <= WIDTH
            and (must or more or behind + INDENT <= WIDTH)
        ):
            return own
    return set()


def _fits(tag: Group, line: re.Match[str]) -> bool:
    return tag.last < line.start() + WIDTH
