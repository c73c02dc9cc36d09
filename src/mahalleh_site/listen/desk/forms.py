"""What staff enter about reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Report, Template
from mahalleh_site.people.forms import AnyDay
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.ui.choices import offer, offer_rows

WORDS = {"required": _("Write a sentence."), "max_length": _("That is too long: at most 4,000 letters.")}


class QueueFilter(forms.Form):
    """Which reports are listed. What is not known here means: those that are worked on."""

    whose = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[
            ("ours", _("my organisation's")),
            ("mine", _("those I work on")),
            ("free", _("those nobody works on yet")),
            ("all", _("all that I may see")),
        ],
    )
    status = forms.ChoiceField(label=_("State"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    district = forms.ChoiceField(label=_("District"), required=False)

    def __init__(self, *args: Any, topics: Iterable[Topic], districts: Iterable[District], **kw: Any) -> None:
        super().__init__(*args, **kw)
        states = [("", _("worked on")), ("all", _("all")), *Report.Status.choices]
        offer(self, "status", states)
        offer(self, "topic", [("", _("all")), *((topic.pk, topic.name) for topic in topics)])
        offer(self, "district", [("", _("all")), *((each.pk, each.name) for each in districts)])

    def chosen(self) -> dict[str, str]:
        """What was chosen and is known."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class WordsForm(forms.Form):
    """Words to the resident or to colleagues."""

    words = forms.CharField(
        label=_("To the resident"),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        max_length=rules.WORDS,
        error_messages=WORDS,
    )

    def __init__(self, *args: Any, report: Report, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class NoteForm(WordsForm):
    """A note among colleagues."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = _("Note for colleagues")
        self.fields["words"].help_text = _("The resident does not see it.")


class AnswerForm(WordsForm):
    """An answer that ends something, with what all may read of it."""

    public_words = forms.CharField(
        label=_("What all may read of it"),
        help_text=_("A sentence for the neighbourhood's page, without anything that points at people."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, report=report, **kwargs)
        if report.topic.sensitivity != Topic.Sensitivity.OPEN:
            del self.fields["public_words"]  # shown nowhere, and not sealed: better not written


class PromiseForm(AnswerForm):
    """A promise for a day."""

    due_on = AnyDay(
        label=_("By which day?"),
        help_text=_("As year/month/day. If it is not kept, the neighbourhood's page says so."),
        error_messages={"required": _("Name the day.")},
        widget=forms.TextInput(attrs={"dir": "ltr", "size": 12}),
    )

    def clean_due_on(self) -> Any:
        """A day that may be promised."""
        day = self.cleaned_data["due_on"]
        if day is None or not rules.good_promise(day, timezone.localdate()):
            raise forms.ValidationError(_("Promise a day from today on, within half a year."))
        return day


class ReasonForm(forms.Form):
    """Why, for colleagues."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("For colleagues. It is sealed with the report."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        max_length=1000,
        error_messages={"required": _("Say why, in a sentence.")},
    )

    def __init__(self, *args: Any, report: Report, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ForwardForm(ReasonForm):
    """To another organisation."""

    to = forms.ModelChoiceField(label=_("To whom?"), queryset=Organisation.objects.none(), empty_label=None)
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, report: Report, able: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, report=report, **kwargs)
        offer_rows(self, "to", Organisation.objects.filter(pk__in=[each.pk for each in able]))


class MergeForm(ReasonForm):
    """With another report."""

    into = forms.CharField(
        label=_("With which report?"),
        help_text=_("Its number, as its address shows it."),
        max_length=12,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        error_messages={"required": _("Name the other report.")},
    )
    field_order = ["into", "reason"]

    def clean_into(self) -> str:
        """A number, in whatever case."""
        return str(self.cleaned_data["into"]).strip().upper()


class TakeForm(forms.Form):
    """Who works on it."""

    user = forms.ModelChoiceField(label=_("Who works on it?"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, report: Report, user: User, able: Iterable[User], **kwargs: Any) -> None:
        kwargs["initial"] = {"user": report.assigned_id or user.pk}
        super().__init__(*args, **kwargs)
        offer_rows(self, "user", User.objects.filter(pk__in=[each.pk for each in able]))


class PublishForm(forms.Form):
    """What the neighbourhood may read."""

    text = forms.CharField(
        label=_("What neighbours will read"),
        help_text=_("Take out names, house numbers, telephone numbers and whatever else points at people."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        max_length=1000,
        required=False,
    )

    def __init__(self, *args: Any, report: Report, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class EnterForm(forms.Form):
    """A report that was told or written on paper, entered for a resident."""

    channel = forms.ChoiceField(
        label=_("How did it reach you?"),
        choices=[("spoken", _("told to a partner")), ("paper", _("on paper"))],
        widget=forms.RadioSelect,
        initial="spoken",
    )
    topic = forms.ModelChoiceField(
        label=_("What is it about?"), queryset=Topic.objects.none(), empty_label=_("please choose")
    )
    area = forms.ModelChoiceField(
        label=_("Neighbourhood"), queryset=Area.objects.all(), empty_label=_("please choose")
    )
    words = forms.CharField(
        label=_("In the resident's own words"),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto", "autocomplete": "off"}),
        max_length=rules.WORDS,
        error_messages=WORDS,
    )
    contact = forms.CharField(
        label=_("How can the resident be reached?"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    may_publish = forms.BooleanField(label=_("The resident allows neighbours to read it"), required=False)
    police_may_read = forms.BooleanField(
        label=_("The resident allows the police's community unit to read it"), required=False
    )

    def __init__(self, *args: Any, topics: Iterable[Topic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "topic", Topic.objects.filter(pk__in=[topic.pk for topic in topics]))


class RouteForm(forms.Form):
    """Who receives what, where."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.all(), empty_label=_("please choose")
    )
    topic = forms.ModelChoiceField(
        label=_("Topic"),
        queryset=Topic.objects.filter(kind=Topic.Kind.NEED),
        required=False,
        empty_label=_("any topic that is not sealed"),
    )
    district = forms.ModelChoiceField(
        label=_("District"), queryset=District.objects.all(), required=False, empty_label=_("the whole city")
    )
    area = forms.ModelChoiceField(
        label=_("Neighbourhood"), queryset=Area.objects.all(), required=False, empty_label=_("all of it")
    )


class TemplateForm(forms.ModelForm[Template]):
    """An answer to begin with, in both languages."""

    class Meta:
        model = Template
        fields = ["name_fa", "name_en", "text_fa", "text_en"]


class ApiKeyForm(forms.Form):
    """A program that may send reports."""

    organisation = forms.ModelChoiceField(
        label=_("On behalf of"), queryset=Organisation.objects.all(), empty_label=_("please choose")
    )
    name = forms.CharField(label=_("Name of the program"), max_length=120)
