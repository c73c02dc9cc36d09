"""Where the lines of a template may break, each with the group that it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tools.templates.elements import RAW, names
from tools.templates.flow import Flow
from tools.templates.scan import Group, Scan, Token, tag_of

PLAIN = names("title desc text tspan")  # what a window or a drawing may show with its white space


@dataclass(frozen=True, slots=True)
class Place:
    """A line may break at `start`; the white space up to `end` goes away."""

    start: int
    end: int
    group: Group
    border: bool  # beside the border of a part of its group, so that it breaks together with the others


def places(found: Scan, flow: Flow) -> list[Place]:
    """Where this template may break, in order; before a doctype only its notes."""
    begins = max((token.start for token in found.tokens if token.name == "doctype"), default=0)
    possible = [*_in_text(found, flow), *_in_tags(found), *_in_words(found)]
    kept = [place for place in possible if place.start > begins or place.group.kind == "note"]
    return sorted(kept, key=lambda place: place.start)


def _in_text(found: Scan, flow: Flow) -> Iterator[Place]:
    """In running text: white space that stands, and what lies beside a border."""
    tokens = [token for token in found.tokens if not token.inside and not _in_words_of(token)]
    between = [pair for pair in pairwise(tokens) if "space" not in (pair[0].kind, pair[1].kind)]
    # blocks of Django that cannot break at each of their tags break at one only where nothing else can
    uneven = {own for pair in between for own in _blocks(*pair) if not flow.harmless(*pair)}
    for before, after in between:
        group = _group_before(after)
        if _belong_together(before, after) or not _shown_as_text(group, found, flow):
            continue
        if flow.harmless(before, after):
            yield Place(after.start, after.start, group, border=uneven.isdisjoint(_blocks(before, after)))
    for space in tokens[1:-1]:
        if _is_free_space(space, found) and _shown_as_text(space.group, found, flow):
            yield Place(space.start, space.end, space.group, border=flow.spare(space))


def _in_tags(found: Scan) -> Iterator[Place]:
    """Between the attributes of a tag; djhtml knows <pre> only where its tag stands on one line."""
    tokens = [
        token for token in found.tokens if token.spot == "tag" or (token.inside and token.name == "end")
    ]
    for before, after in pairwise(tokens):
        tag = tag_of(after.group)
        if tag is None or tag.name == "pre":
            continue
        if _is_free_space(after, found):
            yield Place(after.start, after.end, after.group, border=True)
        elif before.end == after.start and before.kind != "gap":
            closes = after.kind in ("begin", "middle", "end") and before.name.startswith("end")
            if after.kind == "edge" or closes:
                yield Place(after.start, after.start, _group_before(after), border=True)


def _in_words(found: Scan) -> Iterator[Place]:
    """In notes, and in translated sentences that are trimmed."""
    words = [token for token in found.tokens if _in_words_of(token) or _of_words(token.own)]
    for before, after in pairwise(words):
        begins, ends = before.kind in ("begin", "middle"), after.kind in ("middle", "end")
        if _is_free_space(after, found):
            if after.end - after.start == 1:  # several would come back as one
                yield Place(after.start, after.end, after.group, border=begins)
        elif (begins or ends) and "space" not in (before.kind, after.kind) and before.end == after.start:
            group = before.own if begins else after.own
            if group and _of_words(group):
                yield Place(after.start, after.start, group, border=True)


def _is_free_space(token: Token, found: Scan) -> bool:
    return token.kind in ("space", "gap") and "\n" not in found.source[token.start : token.end]


def _blocks(before: Token, after: Token) -> list[Group]:
    """The blocks of Django whose inside begins or ends between two neighbours."""
    begins = [before.own] if before.kind in ("begin", "middle") else []
    ends = [after.own] if after.kind in ("middle", "end") else []
    return [own for own in [*begins, *ends] if own and own.kind == "block"]


def _of_words(group: Group | None) -> bool:
    return group is not None and group.kind in ("note", "sentence")


def _in_words_of(token: Token) -> bool:
    return _of_words(token.group)


def _group_before(after: Token) -> Group:
    """The group that a place before this token belongs to."""
    return after.own if after.own and after.kind in ("close", "middle", "end") else after.group


def _belong_together(before: Token, after: Token) -> bool:
    """Nothing is put into what is empty, nor into what is read as it stands."""
    if after.kind in ("close", "middle", "end") and before.own and before.own is after.own:
        return True
    return any(token.kind == "raw" and token.name in RAW for token in (before, after))


def _shown_as_text(group: Group, found: Scan, flow: Flow) -> bool:
    """Whether this stands in running text for certain; a block of words may stand in an attribute as well."""
    holder = group
    while holder.kind != "element" and holder.name != "block" and holder.parent:
        holder = holder.parent
    if holder.kind == "element":
        return holder.name not in PLAIN
    if flow.extends and holder.kind == "root":
        return True
    within = [token for token in found.tokens if holder.first <= token.start < holder.last]
    return any(token.kind in ("open", "close") or flow.shows_block(token) for token in within)
