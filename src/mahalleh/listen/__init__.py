"""What residents tell: reading reports as text, and finding those that tell of the same thing.

    similar(new, open_notes)  # the likest first
    groups(open_notes)

Method page: docs/analysts/duplicates.md.
"""

from mahalleh.listen.duplicates import THRESHOLD, Match, Note, compare, groups, similar
from mahalleh.listen.words import folded, words

__all__ = ["THRESHOLD", "Match", "Note", "compare", "folded", "groups", "similar", "words"]
