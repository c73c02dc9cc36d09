"""What residents tell: reading reports as text, and finding those that tell of the same thing.

Method page: docs/analysts/duplicates.md.
"""

from mahalleh.listen.words import folded, words

__all__ = ["folded", "words"]
