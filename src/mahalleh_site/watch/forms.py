"""What is entered in the watch: which signals to list, and a decision with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from django import forms
from django.utils.translation import gettext_lazy as _

from mahalleh_site.places.models import District, Topic
from mahalleh_site.ui.choices import offer
from mahalleh_site.watch import wording
from mahalleh_site.watch.rules import SHORTEST_REASON, weighed


class SignalFilter(forms.Form):
    """Which signals are listed. What is not known here means: all."""

    status = forms.ChoiceField(label=_("State"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    district = forms.ChoiceField(label=_("District"), required=False)

    def __init__(self, *args: Any, topics: Iterable[Topic], districts: Iterable[District], **kw: Any) -> None:
        super().__init__(*args, **kw)
        offer(self, "status", [("", _("all")), *wording.STATUSES.items()])
        offer(self, "topic", [("", _("all")), *((topic.pk, topic.name) for topic in topics)])
        offer(self, "district", [("", _("all")), *((each.pk, each.name) for each in districts)])

    def chosen(self) -> dict[str, str]:
        """What was chosen and is known."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class Decided(TypedDict):
    """What somebody entered: the code of the decision, its reason, and what was considered."""

    verb: str
    reason: str
    considered: list[str]
    other: str


class DecideForm(forms.Form):
    """What becomes of a signal. There is no field for sending anyone anywhere, and none for a person."""

    verb = forms.ChoiceField(
        label=_("Your decision"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_(
            "Why? A sentence or two that a colleague will understand in a year. No names of persons."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        min_length=SHORTEST_REASON,
        max_length=2000,
        error_messages={
            "required": _("Say why, in a sentence."),
            "min_length": _("Say why, in a sentence."),
        },
    )
    considered = forms.MultipleChoiceField(
        label=_("Ways to help without enforcement"),
        help_text=_("Tick at least one that was considered, or write another below."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    other = forms.CharField(label=_("Something else that was considered"), max_length=200, required=False)

    def __init__(self, *args: Any, group: str, verbs: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "verb", [(code, wording.VERBS[code]) for code in verbs])
        offer(self, "considered", wording.options(group))

    def clean(self) -> dict[str, Any]:
        """At least one option that needs no enforcement was thought of."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if "considered" in found and not weighed(found["considered"], found.get("other", "")):
            self.add_error("considered", _("Name at least one thing that could help without enforcement."))
        return found

    def decided(self) -> Decided:
        """What was entered, once it is valid."""
        return Decided(
            verb=self.cleaned_data["verb"],
            reason=self.cleaned_data["reason"],
            considered=self.cleaned_data["considered"],
            other=self.cleaned_data["other"],
        )
