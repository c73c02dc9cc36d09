"""Writes `city.toml`: every setting with a word on what it does, for the operator to edit."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from mahalleh_site.city import City, Helpline
from mahalleh_site.house import rooms

# in place of the blocks of a city without a number: to be written anew without the marks
NO_HELPLINE: Final = """\
# [[helpline]]
# number = "112"
# names = { fa = "اورژانس", en = "emergency" }
# urgent = true
"""


def city_toml(city: City) -> str:
    """The settings as a TOML file with comments; `city.read_city` reads back the same."""
    helplines = "\n".join(_helpline(line) for line in city.helplines) or NO_HELPLINE
    return f"""\
# The city's settings. Restart `mahalleh serve` after a change; `mahalleh doctor` checks them.
# Secrets and addresses are not here but in the environment: see docs/operators.md.

[city]
names = {{ fa = {_text(city.names["fa"])}, en = {_text(city.names["en"])} }}
mode = {_text(city.mode)}              # live, or demo: the sample city, which anyone may enter
language = {_text(city.language)}            # of the first page: fa or en
calendar = {_text(city.calendar)}       # of months: persian (Solar Hijri) or gregorian
timezone = {_text(city.timezone)}
country = {_text(city.country)}               # of holidays: "IR", "GB-SCT", "none"; empty: by time zone
week_start = {_text(city.week_start)}    # saturday, sunday or monday
contact = {_text(city.contact)}               # whom residents write to, shown on public pages

[publish]
epsilon = {city.epsilon}      # noise: smaller protects more and blurs more; 0.01 to 10
threshold = {city.threshold}      # counts below this stand as "fewer than"; 3 or more
event_cap = {city.event_cap}      # what one event may cost over all that is ever published, as epsilon
lag_weeks = {city.lag_weeks}      # weeks that late reports are awaited before a period is published

{_sections(city)}
# Numbers to call in danger, a block each; the urgent ones lead every page on which people tell something.
{helplines}"""


def _sections(city: City) -> str:
    """The rooms' own tables, with what each value means."""
    parts = []
    for section in rooms.sections().values():
        values = asdict(city.of(section.kind))
        lines = [f"{key} = {value}      # {section.comments[key]}" for key, value in values.items()]
        parts.append("\n".join([f"[{section.name}]", *lines, ""]))
    return "\n".join(parts)


def _helpline(line: Helpline) -> str:
    names = ", ".join(f"{language} = {_text(name)}" for language, name in line.names.items())
    urgent = "urgent = true\n" if line.urgent else ""
    return f"[[helpline]]\nnumber = {_text(line.number)}\nnames = {{ {names} }}\n{urgent}"


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
