"""Breaks each promise on purpose and looks whether the tests that keep it notice.

`promises/` has a row for each promise of `docs/trust.md`: its words, the tests that keep it, and its
saboteurs, small edits of the source that break it. `make saboteurs` applies each to a scratch copy, runs the
tests named beside the promise, and fails where all of them still pass. The tables of `docs/trust.md` are
written from the same rows, so a promise without a saboteur cannot be published as built.

Mutants (`tools/mutants`) ask whether tests notice small mistakes anywhere; saboteurs are the mistakes, or the
deeds, that would hurt a person.
"""
