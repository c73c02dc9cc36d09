"""Deliberate mistakes, and whether a test notices: `make mutants`.

Each group of modules that carries promises or numbers gets forty mutants: one small change each (a boundary,
a sign, a constant by one, a statement left out, a decorator, a lock, an argument). They are drawn by a seed,
so the same code gives the same mutants. Each is tried in a copy of the tree by the tests that run its lines,
nearest and quickest first; a mutant that fails no test survives. Survivors stand in docs/quality.md with
their reason (`explained.toml`); one without a reason, or a score below 90%, fails.

It is a tool of our own since mutmut leaves decorated functions out, and here those are the ones that matter:
actions (`@transaction.atomic`), guarded views and Numba kernels. It also knows kernels that were compiled
before: what a mutant changes is compiled anew together with everything that imports it.
"""
