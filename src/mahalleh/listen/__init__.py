"""What residents tell: finding reports that tell of the same thing.

    similar(new, open_notes)  # the likest first
    groups(open_notes)

Method page: docs/analysts/duplicates.md.
"""

from mahalleh.listen.duplicates import THRESHOLD, Match, Note, compare, groups, similar

__all__ = ["THRESHOLD", "Match", "Note", "compare", "groups", "similar"]
