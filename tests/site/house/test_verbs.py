"""The audit log's verbs: what actions write and what manifests word are one list."""

from __future__ import annotations

import ast

import pytest

from mahalleh_site.house import rooms
from tests.site.house import code

# Verbs that are put together, with what they come to.
SPELLED = {
    "{verb}-report": {"answer-report", "decline-report", "promise-report"},
    "read-{what}": {"read-report", "read-contact"},
}


class UnreadableError(AssertionError):
    """A verb that this test cannot read: write it as a text, or teach the test."""


# What takes a verb: the log itself, and a refusal, which `refusals.written_down` hands to the log.
TAKES_A_VERB = ("audit.record", "ForbiddenError")
PASSES_ON = {"people/audit.py", "people/refusals.py"}  # verbs go through here, none begins


def written(tree):
    """Every verb that a module may hand to the audit log, directly or through a function of its own."""
    within = {
        call: function
        for function in code.functions(tree)
        for taker in TAKES_A_VERB
        for call in code.calls(function, taker)
    }
    for call, function in within.items():
        given = next(word.value for word in call.keywords if word.arg == "verb")
        yield from spelled(given, function, tree)


def spelled(node, function, tree):
    """The texts that an expression can come to."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return spelled(node.body, function, tree) | spelled(node.orelse, function, tree)
    if isinstance(node, ast.JoinedStr):
        text = ast.unparse(node)[2:-1]
        return SPELLED[text] if text in SPELLED else _unreadable(node)
    if isinstance(node, ast.Name):
        return named(node.id, function, tree)
    return _unreadable(node)


def named(name, function, tree):
    """The texts that a name can stand for: what is assigned to it, or what its function is called with."""
    assigned = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]
    ]
    if assigned:
        return set().union(*(spelled(value, function, tree) for value in assigned))
    places = [argument.arg for argument in function.args.args]
    found = set()
    for caller in code.functions(tree):
        for call in code.calls(caller, function.name):
            words = {word.arg: word.value for word in call.keywords}
            given = words[name] if name in words else call.args[places.index(name)]
            found |= spelled(given, caller, tree)
    return found or _unreadable(ast.Name(name))


def _unreadable(node):
    raise UnreadableError(ast.unparse(node))


def test_verbs__that_are_written_stand_each_in_a_manifest_and_the_other_way_round():
    found = {
        verb for module in code.modules() if module.name not in PASSES_ON for verb in written(module.tree)
    }
    assert len(found) > 50
    assert found - set(rooms.verbs()) == set()
    assert set(rooms.verbs()) - found == set()


def test_verbs__that_are_put_together_are_still():
    texts = {
        ast.unparse(node)[2:-1]
        for module in code.modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.JoinedStr)
    }
    assert set(SPELLED) <= texts


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ('def f(): audit.record(verb="a" if x else "b")', {"a", "b"}),
        ('def f():\n    word = "c"\n    audit.record(verb=word)', {"c"}),
        (
            'def f(by, verb): audit.record(verb=verb)\ndef g(): f(1, "d")\ndef h(): f(by=1, verb="e")',
            {"d", "e"},
        ),
    ],
)
def test_reading__of_this_test_follows_a_verb_to_where_it_is_said(told, found):
    assert set(written(ast.parse(told))) == found


def test_reading__of_this_test_refuses_what_it_cannot_follow():
    with pytest.raises(UnreadableError):
        list(written(ast.parse("def f(): audit.record(verb=words[1])")))
