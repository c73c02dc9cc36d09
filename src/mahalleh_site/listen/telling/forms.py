"""What residents enter: one thing at a time, nothing required that isn't needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Report
from mahalleh_site.places.models import Topic
from mahalleh_site.ui.choices import offer

AREA = {"rows": 5, "autocomplete": "off"}


class WhatForm(forms.Form):
    """What it is about, in the resident's own words."""

    topic = forms.ChoiceField(
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it is about."),
            "invalid_choice": _("Choose one of these."),
        },
    )
    words = forms.CharField(
        label=_("In your own words"),
        help_text=_("What happens, how often, since when? Please leave out names of people."),
        widget=forms.Textarea(attrs=AREA),
        max_length=rules.WORDS,
        error_messages={
            "required": _("Say in a sentence what it is."),
            "max_length": _("That is too long: at most 4,000 letters."),
        },
    )

    def __init__(self, *args: Any, topics: Iterable[Topic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics = {topic.pk: topic for topic in topics}
        offer(self, "topic", [(key, topic.name) for key, topic in self.topics.items()])


class MoreForm(forms.Form):
    """Anything else: how to be reached, and who else may read it."""

    contact = forms.CharField(
        label=_("How can you be reached?"),
        help_text=_(
            "A telephone number or an address. Only those who answer can read it. "
            "Without it, use your receipt."
        ),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    may_publish = forms.BooleanField(
        label=_("My neighbours may read this"),
        help_text=_(
            "Somebody first takes out what could point at people. Neighbours can then say “I have this too”."
        ),
        required=False,
    )
    police_may_read = forms.BooleanField(
        label=_("The police's community unit may read this too"),
        help_text=_("Without this tick, no police officer sees it or knows of it."),
        required=False,
    )

    def __init__(self, *args: Any, care: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if care != Topic.Sensitivity.OPEN:
            del self.fields["may_publish"]
        if care == Topic.Sensitivity.OPEN:
            del self.fields["police_may_read"]


class LeaveForm(MoreForm):
    """Who else may read it, said anew."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["contact"]


class AddForm(forms.Form):
    """More words to a report that was sent."""

    words = forms.CharField(
        label=_("Write something more"),
        widget=forms.Textarea(attrs=AREA),
        max_length=rules.WORDS,
        required=False,
    )


class ContactForm(forms.Form):
    """Another way to be reached."""

    contact = forms.CharField(
        label=_("How can you be reached?"),
        help_text=_("Leave it empty to take back what you left."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class BetterForm(forms.Form):
    """Is it better now?"""

    better = forms.ChoiceField(
        label=_("Is it better now?"),
        widget=forms.RadioSelect,
        choices=Report.Better.choices,
        error_messages={"required": _("Choose one of these.")},
    )
