"""Samples for the gallery: each component with what it takes.

A component is a template in `templates/ui/components/`; its first comment lists its variables. A test holds
this list against that folder, so that no component is without a sample.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FOLDER = Path(__file__).resolve().parent / "templates" / "ui" / "components"
COMMENT = re.compile(r"\{% comment %\}(.*?)\{% endcomment %\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sample:
    """One component: its name, the comment that lists its variables, and variables to show it with."""

    name: str
    about: str
    shown: tuple[Mapping[str, Any], ...]

    @property
    def template(self) -> str:
        """The component's template."""
        return f"ui/components/{self.name}.html"


class _Form(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of your neighbourhood"), help_text=gettext_lazy("As people there say it.")
    )
    mail = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    agree = forms.BooleanField(label=gettext_lazy("I have read this"), required=False)
    helps = forms.MultipleChoiceField(
        label=gettext_lazy("What could help?"),
        help_text=gettext_lazy("Tick all that fit."),
        choices=[("light", gettext_lazy("better lighting")), ("talk", gettext_lazy("talking together"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


@cache
def about(name: str) -> str:
    """The first comment of a component's template."""
    found = COMMENT.search((FOLDER / f"{name}.html").read_text(encoding="utf-8"))
    return found.group(1).strip() if found else ""


def samples() -> list[Sample]:
    """Every component with samples in the page's language."""
    empty, wrong = _Form(auto_id="sample_%s"), _Form({"mail": "?"}, auto_id="wrong_%s")
    wrong.full_clean()
    calls = [{"number": "110", "name": _("police")}, {"number": "115", "name": _("ambulance")}]
    shown: dict[str, list[dict[str, Any]]] = {
        "mark": [{}],
        "notice": [
            {"kind": kind, "text": _("A sentence that says what happened and what to do now.")}
            for kind in ("info", "success", "warning", "error")
        ],
        "field": [
            {"field": empty["name"]},
            {"field": empty["mail"], "ltr": True},
            {"field": empty["agree"]},
            {"field": wrong["mail"], "ltr": True},
        ],
        "choices": [
            {"field": empty["helps"]},
            {"field": empty["helps"], "hints": {"talk": _("with those who live there")}},
        ],
        "error_summary": [{"form": wrong}],
        "button": [
            {"label": _("Save")},
            {"label": _("Back"), "kind": "quiet", "href": "#"},
            {"label": _("End for ever"), "kind": "careful"},
        ],
        "table": [
            {
                "caption": _("People by neighbourhood"),
                "heads": [_("Neighbourhood"), _("Residents")],
                "rows": [[_("Old town"), "4 100"], [_("Riverside"), "9 870"]],
                "numbers": True,
            }
        ],
        "danger": [{"calls": calls}],
        "helplines": [{"urgent": calls, "advice": [{"number": "123", "name": _("a counsellor")}]}],
        "empty": [
            {
                "title": _("Nothing here yet"),
                "text": _("What partners promise will stand here, with a day for each."),
                "href": "#",
                "label": _("Tell us what is needed"),
            }
        ],
        "crumbs": [{"links": [("#", _("All neighbourhoods")), ("#", _("Old town"))], "here": _("Riverside")}],
        "pages": [{"page": Paginator(range(50), 10).page(2), "query": ""}],
        "versus": [{"width": 100}, {"width": 160, "over": True}],
        "tag": [
            {"text": _("fewer"), "kind": "better"},
            {"text": _("more"), "kind": "worse"},
            {"text": _("no clear change"), "kind": ""},
        ],
        "search": [{"query": ""}],
        "legend": [
            {
                "items": [
                    {"css": "s1", "text": _("few")},
                    {"css": "s5", "text": _("many")},
                    {"css": "unsure", "text": _("uncertain")},
                    {"css": "hidden-value", "text": _("fewer than 5")},
                ]
            }
        ],
        "hatch": [{}],
        "amount": [
            {"count": SimpleNamespace(shown=102, give_or_take=15, hidden=None, exists=True, unknown=0)},
            {"count": SimpleNamespace(shown=None, give_or_take=None, hidden="small", exists=True)},
        ],
        "change": [
            {"change": SimpleNamespace(kind="more", share=0.31, judged="worse")},
            {"change": SimpleNamespace(kind="same", share=0.02, judged="")},
            {"change": SimpleNamespace(kind="unknown", share=None, judged="")},
        ],
    }
    return [Sample(name, about(name), tuple(sets)) for name, sets in shown.items()]
