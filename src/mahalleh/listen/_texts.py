"""The likeness of short texts: words by their letters, texts by their words.

Two words are as like as their sets of three letters in a row, edges marked (Cavnar and
Trenkle 1994, "N-gram-based text categorization"), by the cosine of sets. Two texts are as like as each word
of each finds its like in the other, in any order (Monge and Elkan 1996, "The field matching problem", here
both ways).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import sqrt
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh.listen._names import STOP, names
from mahalleh.text import words_of

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# What each moves stands in docs/analysts/duplicates.md, held by tests/listen/test_page.py.
GRAM: Final = 3  # letters in a group
FLOOR: Final = 0.3  # words less like than this have nothing to do with each other
STOP_WEIGHT: Final = 0.25  # of a word that says little, where any other has 1
SAME_NAME: Final = 0.5  # names at least so like are one name, spelt differently
MOST_WORDS: Final = 40  # of a long text, as many different words: the rest says how, not what


def grams(word: str) -> set[str]:
    """The letter groups of a word, its edges marked."""
    marked = f"<{word}>"
    return {marked[i : i + GRAM] for i in range(len(marked) - GRAM + 1)}


class Texts:
    """Some texts, made ready to be compared with each other. `count`: (n,) different words of each."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.vocabulary: dict[str, int] = {}
        told = words_of(texts)
        some = [list(dict.fromkeys(one))[:MOST_WORDS] for one in told]
        for one in some:
            for word in one:
                self.vocabulary.setdefault(word, len(self.vocabulary))
        self._ids = [np.array([self.vocabulary[word] for word in one], dtype=np.int64) for one in some]
        self._told = told
        self.count: Ints = np.array([len(ids) for ids in self._ids], dtype=np.int64)
        self._words = list(self.vocabulary)
        self._weights: Floats = np.array([STOP_WEIGHT if word in STOP else 1.0 for word in self._words])
        self._sizes: list[int] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self._words):
            of_word = grams(word)  # not kept: sets of all words are slow to keep
            self._sizes.append(len(of_word))
            for gram in of_word:
                self._holders[gram].append(place)
        self._rows: dict[int, tuple[list[int], list[float]]] = {}
        self._names: dict[int, dict[str, frozenset[str]]] = {}

    def likeness(self, i: int, others: Ints) -> Floats:
        """(k,) likeness of text i with each of `others`, (k,) places: 0 to 1; 0 where one has no words."""
        found = np.zeros(len(others))
        told = np.flatnonzero(self.count[others] > 0)
        mine = self._ids[i]
        if not len(mine) or not len(told):
            return found
        table = np.zeros((len(mine), len(self._words)))
        for row, word in enumerate(mine.tolist()):
            places, values = self._row(word)
            table[row, places] = values
        theirs = [self._ids[j] for j in others[told].tolist()]
        flat = np.concatenate(theirs)
        starts = np.concatenate(([0], np.cumsum([len(ids) for ids in theirs])[:-1]))
        best = table[:, flat]
        weights, mass = self._weights[mine], self._weights[flat]
        here = weights @ np.maximum.reduceat(best, starts, axis=1)
        there = np.add.reduceat(mass * best.max(axis=0), starts)
        found[told] = (here + there) / (weights.sum() + np.add.reduceat(mass, starts))
        return np.minimum(found, 1.0)

    def _row(self, word: int) -> tuple[list[int], list[float]]:
        if word not in self._rows:
            mine = grams(self._words[word])
            if self._words[word].isdigit():  # 12 and 123 are no more alike than 12 and 7
                self._rows[word] = [word], [1.0]
            else:
                shared = Counter(place for gram in mine for place in self._holders[gram])
                like = {
                    place: count / sqrt(len(mine) * self._sizes[place])
                    for place, count in shared.items()
                    if count**2 >= FLOOR**2 * len(mine) * self._sizes[place]
                }
                self._rows[word] = list(like), list(like.values())
        return self._rows[word]

    def other_names(self, i: int, j: int) -> bool:
        """Whether both texts name a street, lane, number ... and neither's is to be found in the other."""
        mine, theirs = self._names_of(i), self._names_of(j)
        return any(
            not self._holds(j, mine[kind]) and not self._holds(i, theirs[kind])
            for kind in mine.keys() & theirs
        )

    def _names_of(self, i: int) -> dict[str, frozenset[str]]:
        if i not in self._names:
            self._names[i] = names(self._told[i])
        return self._names[i]

    def _holds(self, i: int, wanted: frozenset[str]) -> bool:
        have = set(self._ids[i].tolist())
        for name in wanted:
            if name not in self.vocabulary:
                continue
            places, values = self._row(self.vocabulary[name])
            if any(value >= SAME_NAME and place in have for place, value in zip(places, values, strict=True)):
                return True
        return False
