"""Choices that a form learns when it is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.db import models

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Choice: TypeAlias = "tuple[str, _StrOrPromise]"  # the code that is sent, and its words


def offer_rows(form: forms.BaseForm, name: str, rows: models.QuerySet[Any]) -> None:
    """Offer these rows in a field of the form.

    Raises:
        TypeError: where no row can be chosen in the field.
    """
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} offers no rows")
    field.queryset = rows


def offer(form: forms.BaseForm, name: str, choices: Iterable[Choice]) -> None:
    """Offer these choices in a field of the form.

    Raises:
        TypeError: where nothing can be chosen in the field.
    """
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} offers no choices")
    field.choices = list(choices)
