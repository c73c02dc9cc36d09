"""One tree of errors; each holds every fault found, and is raised once.

A fault is a code with its facts, not a sentence: the sentence stands in `messages/*.toml` in each language
of the project and says what is wrong, what was given, what is allowed and what to try.

    faults = Faults(PlacesError)
    faults.add("places.duplicate-id", ids=["7", "9"])
    faults.raise_if_any()

Codes are `<file>.<key>`: "places.duplicate-id" is the table `[duplicate-id]` of `messages/places.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from mahalleh.text import persian_digits

LANGUAGES = ("fa", "en")
COUNTS = ("count", "entries", "read", "rows")  # facts that say how many; others may have to be typed again
SHOWN = 20  # of a long list of ids or lines, as many as a person will read


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    code : str
        A code of the catalogue (`message`).
    facts : mapping of str to object
        What fills its sentence.
    file : str or None
        The file in which it was seen.
    line : int or None
        The line of the file.
    """

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None
    line: int | None = None

    def text(self, language: str = "en") -> str:
        """Word the fault as a sentence, led by `file:line:` where these are known.

        Parameters
        ----------
        language : str
            `fa` or `en`.

        Returns
        -------
        str
            The sentence.

        Examples
        --------
        >>> Fault("topics.duplicate-id", {"given": "noise"}, file="topics.toml", line=7).text("en")[:39]
        "topics.toml:7: The topic 'noise' stands"
        """
        where = "".join(f"{part}:" for part in (self.file, self.line) if part is not None)
        sentence = message(self.code, language).format(
            **{
                key: number(value, language)
                if key in COUNTS and isinstance(value, int)
                else _shown(value, language)
                for key, value in self.facts.items()
            }
        )
        return f"{where} {sentence}" if where else sentence


class MahallehError(Exception):
    """Whatever Mahalleh refuses, with each reason.

    Parameters
    ----------
    faults : iterable of Fault, or str
        All that is wrong, or one code with its facts.
    **facts : object
        What fills the sentence of the one code.

    Attributes
    ----------
    exit_code : int
        The command's exit status.
    faults : tuple of Fault
        All that is wrong.
    """

    exit_code = 1

    def __init__(self, faults: Iterable[Fault] | str, /, **facts: Any) -> None:
        """Take the faults, or one code with its facts."""
        self.faults = (Fault(faults, facts),) if isinstance(faults, str) else tuple(faults)
        super().__init__(self.faults)

    def text(self, language: str = "en") -> str:
        """Word every fault, one a line.

        Parameters
        ----------
        language : str
            `fa` or `en`.

        Returns
        -------
        str
            The sentences.
        """
        return "\n".join(fault.text(language) for fault in self.faults)

    def __str__(self) -> str:
        return self.text()


class InputError(MahallehError):
    """What was given cannot be used."""

    exit_code = 3


class PlacesError(InputError):
    """Boundaries that cannot be trusted."""


class EventsError(InputError):
    """Events that break the schema, or a store that refuses them."""


class SourceError(InputError):
    """An outside file that cannot be read whole."""


class PanelError(InputError):
    """A panel that the events cannot give."""


class WatchError(InputError):
    """Counts, places or settings that the watch cannot work with."""


class DisclosureError(MahallehError):
    """A table that must not leave. Raised, never asserted."""

    exit_code = 4


class CityError(MahallehError):
    """The city's folder or its settings are missing or wrong."""

    exit_code = 5


class Faults:
    """Collects faults, so that a person mends a file once and not fault by fault.

    Parameters
    ----------
    error : type of MahallehError
        What is raised in the end.
    """

    def __init__(self, error: type[MahallehError]) -> None:
        self.error = error
        self.found: list[Fault] = []

    def add(self, code: str, *, file: str | None = None, line: int | None = None, **facts: Any) -> None:
        """Note one fault and go on.

        Parameters
        ----------
        code : str
            A code of the catalogue (`message`).
        file : str, optional
            The file in which it was seen.
        line : int, optional
            The line of the file.
        **facts : object
            What fills its sentence.
        """
        self.found.append(Fault(code, facts, file, line))

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def raise_if_any(self) -> None:
        """Raise the error once, with all that was found.

        Raises
        ------
        MahallehError
            Of the given class, where there is any fault.
        """
        if self.found:
            raise self.error(self.found)


_PACKAGES = ["mahalleh"]  # whose messages are found


def message(code: str, language: str) -> str:
    """Find the template of a code in a language.

    Parameters
    ----------
    code : str
        `<file>.<key>`: "places.duplicate-id" is the table `[duplicate-id]` of `messages/places.toml`.
    language : str
        `fa` or `en`.

    Returns
    -------
    str
        A format string.

    Raises
    ------
    KeyError
        Where there is none: a defect of the project, never of what was given.
    """
    file, key = code.split(".", 1)
    return str(_catalogue(file)[key][language])


def add_messages(package: str) -> None:
    """Let the messages of another package be found too.

    Parameters
    ----------
    package : str
        Its dotted name. A file's name in `messages/*.toml` is the first word of its codes; no two packages
        may have a file of one name.
    """
    if package not in _PACKAGES:
        _PACKAGES.append(package)


@cache
def _catalogue(file: str) -> dict[str, dict[str, str]]:
    paths = [resources.files(package).joinpath("messages", f"{file}.toml") for package in _PACKAGES]
    found = [path for path in paths if path.is_file()]
    if len(found) != 1:
        raise KeyError(f"{file}.toml stands in {len(found)} packages")
    return tomllib.loads(found[0].read_text(encoding="utf-8"))


def number(value: int, language: str) -> str:
    """Write a whole number as a sentence has it.

    Parameters
    ----------
    value : int
        The number.
    language : str
        `fa` or `en`.

    Returns
    -------
    str
        With Persian digits and separators in Persian.

    Examples
    --------
    >>> number(1215, "fa"), number(1215, "en")
    ('۱٬۲۱۵', '1215')
    """
    return persian_digits(f"{value:,}").replace(",", "٬") if language == "fa" else str(value)


def _shown(value: Any, language: str) -> str:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    items = [str(item) for item in value]
    comma = "، " if language == "fa" else ", "
    rest = len(items) - SHOWN
    more = number(rest, language)
    tail = {"fa": f" و {more} مورد دیگر", "en": f" and {more} more"}[language] if rest > 0 else ""
    return comma.join(items[:SHOWN]) + tail
