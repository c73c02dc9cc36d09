"""Translations without system tools: extract, check and compile by Babel.

`update` brings the Persian catalogue up to date with the source; `check` fails on anything that is missing,
fuzzy, unused or whose placeholders differ; `compile` writes the binary catalogues. English is the source
language: its catalogue would say the same twice, so there is none.
"""

from __future__ import annotations

import io
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "src" / "mahalleh_site"
MESSAGES = "*/**/messages/*.toml"  # below src
PO = SITE / "locale" / "fa" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)[^}]*\}|%[sd]")


def extracted() -> Catalog:
    """Every message of the site's Python files and templates, with where it stands."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    catalog = Catalog(locale="fa")
    for path in sorted([*SITE.rglob("*.py"), *SITE.rglob("*.html"), *SITE.rglob("*.txt")]):
        source = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # what is left looks like Python, but is indented as HTML is
            source = re.sub(r"^[ \t]+", "", templatize(source, origin=str(path)), flags=re.MULTILINE)
        for line, found, comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            where = [(path.relative_to(ROOT).as_posix(), line)]
            catalog.add(found, locations=where, auto_comments=comments, context=context)
    return catalog


def committed() -> Catalog:
    """The Persian catalogue as it stands in the tree."""
    if not PO.exists():
        return Catalog(locale="fa", domain="django")
    with PO.open("rb") as file:
        return read_po(file, locale="fa", domain="django")


def update() -> None:
    """Add what is new to the catalogue and drop what no source has any more."""
    catalog = committed()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=False, include_lineno=False, omit_header=False)
    missing = sum(1 for message in catalog if message.id and not any(_strings(message)))
    print(f"{PO.relative_to(ROOT)}: {len(catalog)} messages, {missing} without a translation")


def faults() -> Iterator[str]:
    """What is not complete, a line each."""
    catalog, source = committed(), extracted()
    for message in source:
        if not message.id:
            continue
        translated = catalog.get(_key(message), context=message.context)
        where = message.locations[0][0] if message.locations else "?"
        if translated is None or not all(_strings(translated)):
            yield f"{where}: no Persian for {_key(message)!r}"
        elif translated.fuzzy:
            yield f"{where}: fuzzy Persian for {_key(message)!r}"
        else:
            wanted = [_names(text) for text in _ids(message)]
            *some, last = [_names(text) for text in _strings(translated)]
            # a singular may leave the number out; the last form stands for every larger number, and is the
            # only one where a language has one form
            if last != wanted[-1] or any(names not in wanted for names in some):
                yield f"{where}: other placeholders in the Persian of {_key(message)!r}"
    for message in catalog:
        if message.id and source.get(_key(message), context=message.context) is None:
            yield f"{PO.name}: {_key(message)!r} stands in no source any more; run `update`"
    for path in sorted((ROOT / "src").glob(MESSAGES)):
        for key, texts in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if set(texts) != {"fa", "en"} or not all(texts.values()):
                yield f"{path.name}: [{key}] needs both fa and en"
            elif _names(texts["fa"]) != _names(texts["en"]):
                yield f"{path.name}: [{key}] has other placeholders in fa than in en"


def check() -> None:
    """Exit with every fault, where there is one."""
    found = sorted(set(faults()))
    if found:
        sys.exit("\n".join([*found, f"{len(found)} faults in translations"]))
    print("translations: complete in fa and en")


def compile_() -> None:
    """Write the binary catalogue that Django reads."""
    catalog = committed()
    target = PO.with_suffix(".mo")
    with target.open("wb") as file:
        write_mo(file, catalog)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> tuple[str, ...]:
    if message.string is None:
        return ("",)
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _names(text: str) -> frozenset[str]:
    return frozenset(
        found.group(1) or found.group(2) or found.group(0) for found in PLACEHOLDER.finditer(text)
    )


if __name__ == "__main__":
    {"update": update, "check": check, "compile": compile_}[sys.argv[1]]()
