"""A counselling centre whose members have keys, and letters to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.utils import timezone

from mahalleh_site.people import actions
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.sealed import form_token
from mahalleh_site.sealed.actions import sending
from tests.site.sealed import letters
from tests.site.sealed.letters import Letter, LetterFile

PASSWORD = "four quiet words together"
TODAY = timezone.localdate()


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that was sent, and the form that it came with."""

    letter: Letter
    token: form_token.FormToken


@pytest.fixture(scope="module")
def _tables(django_db_setup, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), letters.tables():
        yield


@pytest.fixture
def centre(_tables, db) -> Organisation:
    """A counselling centre in which somebody can open what is sealed to it."""
    made = actions.save_organisation(by="system:test", name_fa="م", name_en="C", kind="counselling")
    member(made, "first")
    return made


def member(organisation: Organisation, name: str) -> User:
    """A social worker with a key, who was given access where anybody could give it."""
    invited = actions.invite(
        by="system:test",
        email=f"{name}@city.example",
        name=name,
        organisation=organisation,
        role="social-worker",
    )
    key_actions.make_key(by=invited.user, password=PASSWORD)
    return invited.user


def opened_key(user: User) -> bytes:
    """A member's key, opened."""
    return holding.open_key(user, PASSWORD)


@pytest.fixture
def write(centre) -> Callable[..., Sent]:
    """Sends a letter: `write("words", contact="...")`; with a used token, the letter that it began."""

    def written(words: str = "marker", *, token: form_token.FormToken | None = None, **said: str) -> Sent:
        begun = token or form_token.new(Letter.ROOM)

        def store() -> Letter:
            letter = Letter(**sending.identity(Letter, begun), day=TODAY, status="new", changed_on=TODAY)
            letter.save(force_insert=True)
            to = holding.current([centre], "help")
            sending.fill(letter, begun, to=to, said={"words": words, **said})
            sending.take_drafts(LetterFile, letter, begun, most=2)
            return letter

        return Sent(sending.once(Letter.objects.all(), begun, store, same=lambda known: True), begun)

    return written
