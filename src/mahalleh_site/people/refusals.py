"""Deeds that the house never lets anybody do: refused, and written down although the deed is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.people.permissions import NotAllowedError

P = ParamSpec("P")
T = TypeVar("T")
_inside: ContextVar[bool] = ContextVar("inside a deed whose refusal is written down", default=False)


class ForbiddenError(NotAllowedError):
    """What nobody may do, whatever role they have. It carries what the audit log says of the attempt."""

    def __init__(self, sentence: str, *, by: By, verb: str, object: str, facts: Mapping[str, Any]) -> None:
        super().__init__(sentence)
        self.entry: dict[str, Any] = {"by": by, "verb": verb, "object": object, "facts": facts}


def written_down(action: Callable[P, T]) -> Callable[P, T]:
    """An action whose refusals stay in the audit log. It stands outside the action's transaction.

    Actions call one another: the outermost one writes, since what is rolled back takes its entries along.

    Raises:
        RuntimeError: where a refusal comes inside somebody else's transaction, which would take it back.
    """

    @wraps(action)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        if _inside.get():
            return action(*args, **kwargs)
        token = _inside.set(True)
        try:
            return action(*args, **kwargs)
        except ForbiddenError as refused:
            with transaction.atomic(durable=True):
                audit.record(**refused.entry)
            raise
        finally:
            _inside.reset(token)

    return wrapped
