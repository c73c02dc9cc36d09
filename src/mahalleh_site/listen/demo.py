"""The sample city's listening: who receives what, and some invented reports at every stage of their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import h3
from django.db import transaction
from django.utils import timezone

from mahalleh.events import CELL_RESOLUTION
from mahalleh_site.house.manifest import Sample, Step
from mahalleh_site.listen.actions import intake, standing
from mahalleh_site.listen.desk.actions import handling, setup
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.people.demo import OPEN_TO_ALL
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.models import Area, Promise, Topic
from mahalleh_site.releases import tallies
from mahalleh_site.sealed import form_token

# what each kind of organisation receives in the invented city, by topic
RECEIVED: Final = {
    "municipality": ("street-lighting", "litter", "noise", "traffic-danger"),
    "police": ("theft-from-person", "burglary"),
    "ngo": ("public-drug-use",),
    "counselling": ("family-conflict", "self-harm", "child-at-risk"),
}
WORKERS: Final = {
    "municipality": "coordinator",
    "police": "officer",
    "ngo": "partner",
    "counselling": "social-worker",
}
ANSWERED_AFTER: Final = 6  # days
TEMPLATES: Final = (
    (
        "رسید به دست ما",
        "We have it",
        "گزارش شما به دست ما رسید. همین هفته به محل می‌رویم و نتیجه را همین‌جا می‌نویسیم.",
        "Your report has reached us. We go there this week and write here what we found.",
    ),
    (
        "انجام شد",
        "It is done",
        "کار انجام شد. اگر هنوز درست نیست، با رسیدتان همین‌جا بگویید.",
        "The work is done. If it is still not right, tell us here with your receipt.",
    ),
)


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented report. `days`: how long ago it came. `public`: what a moderator showed of it."""

    topic: str
    days: int
    words: str
    public: str = ""
    handled: str = ""
    answer: str = ""
    public_answer: str = ""
    better: str = ""
    contact: str = ""
    place: int = 0  # which of the city's areas, counted on from the one whose turn it is


INVENTED: Final = (
    Invented(
        "street-lighting", 24, "سه چراغ پشت مدرسه از دو هفته پیش خاموش است. بچه‌ها عصرها می‌ترسند رد شوند.",
        public="سه چراغ پشت مدرسه از دو هفته پیش خاموش است.", handled="answer",
        answer="هر سه چراغ عوض شد. لطفاً بگویید شب‌ها روشن می‌ماند یا نه.", public_answer="هر سه چراغ عوض شد.",
        better="yes",
    ),
    Invented(
        "litter", 9, "سطل‌های سر کوچه دو روز یک بار هم خالی نمی‌شود و بوی بدی راه افتاده.",
        public="سطل‌های سر کوچه دیر خالی می‌شود و بو می‌گیرد.", handled="promise",
        answer="از هفتهٔ آینده هر شب خالی می‌شود.", public_answer="از هفتهٔ آینده هر شب خالی می‌شود.",
    ),
    Invented(
        "traffic-danger", 20, "جلوی دبستان ماشین‌ها تند می‌روند. خط‌کشی پاک شده و سرعت‌گیر هم نیست.",
        public="جلوی دبستان خط‌کشی پاک شده و سرعت‌گیر نیست.",
    ),
    Invented(
        "noise", 5, "کارگاه طبقهٔ همکف تا نیمه‌شب کار می‌کند.", handled="reply",
        answer="ممنون که گفتید. بیشتر کدام شب‌هاست؟",
    ),
    Invented(
        "street-lighting", 3, "کوچهٔ نرگس تاریک است، چراغ وسط کوچه سوخته.",
        public="چراغ وسط کوچهٔ نرگس سوخته است.",
    ),
    Invented("street-lighting", 2, "چراغ کوچه نرگس خاموشه، شبا خیلی تاریکه.", place=-5),
    Invented(
        "public-drug-use", 12, "توی پارک کنار زمین بازی سرنگ پیدا کردیم.", contact="۰۹۰۰ ۰۰۰ ۰۰۰۰",
    ),
    Invented("theft-from-person", 6, "نزدیک ایستگاه گوشی دخترم را یک موتوری قاپید."),
    Invented("family-conflict", 4, "همسایهٔ ما هر شب دعوا دارند و بچهٔ کوچک هم توی خانه است."),
    Invented("child-at-risk", 2, "پسربچه‌ای حدود ده سال هر روز سر چهارراه گل می‌فروشد و مدرسه نمی‌رود."),
)  # fmt: skip


def furnish(sample: Sample, step: Step) -> None:
    """Routes, answers to begin with, and invented reports at every stage."""
    homes = {home.kind: home for home in Organisation.objects.all()}
    known = {topic.pk: topic for topic in Topic.objects.all()}
    for kind, topics in RECEIVED.items():
        for topic in topics:
            if topic in known and kind in homes:
                setup.add_route(by=sample.by, organisation=homes[kind], topic=known[topic])
    for name_fa, name_en, text_fa, text_en in TEMPLATES:
        setup.save_template(by=sample.by, name_fa=name_fa, name_en=name_en, text_fa=text_fa, text_en=text_en)
    areas = list(Area.objects.order_by("id"))
    for number, told in enumerate(INVENTED):
        if told.topic in known:
            _tell(told, known[told.topic], areas[(number * 5 + told.place) % len(areas)])
    today = timezone.localdate()
    standing.draw(today=today)
    tallies.draw(by=sample.by, today=today)


@transaction.atomic
def _tell(told: Invented, topic: Topic, area: Area) -> None:
    cell = h3.str_to_int(h3.latlng_to_cell(area.lat, area.lon, CELL_RESOLUTION))
    token = form_token.new(Report.ROOM)
    submission = intake.Submission(
        topic, area, cell, told.words, contact=told.contact, language="fa", may_publish=bool(told.public)
    )
    report = intake.send(submission, token=token)
    kind = next(kind for kind, topics in RECEIVED.items() if topic.pk in topics)
    worker = User.objects.filter(is_demo=True, memberships__role=WORKERS[kind]).first()
    if worker is None:
        return
    member_key = holding.open_key(worker, OPEN_TO_ALL)
    if told.public:
        edited = told.public != told.words
        handling.publish(by=worker, report=report, member_key=member_key, text=told.public, edited=edited)
    if told.handled == "reply":
        handling.reply(by=worker, report=report, member_key=member_key, words=told.answer)
    elif told.handled:
        due = timezone.localdate() + timedelta(days=7) if told.handled == "promise" else None
        handling.answer(
            by=worker,
            report=report,
            member_key=member_key,
            verb=told.handled,
            words=told.answer,
            public_words=told.public_answer,
            due_on=due,
        )
    if told.better:
        own_report.say_better(report, better=told.better)
    _as_if_earlier(report, told.days)


def _as_if_earlier(report: Report, days: int) -> None:
    """Move an invented report into the past, with all that belongs to it; it was answered some days later."""
    report.refresh_from_db()
    today = report.day
    report.day = today - timedelta(days=days)
    answered = min(today, report.day + timedelta(days=ANSWERED_AFTER))
    report.changed_on = answered
    report.ended_on = answered if report.ended_on else None
    if report.status in ("new", "open"):
        report.due_on -= timedelta(days=days)
    report.save(update_fields=["day", "changed_on", "ended_on", "due_on"])
    report.messages.exclude(kind="answer").update(day=report.day)
    report.messages.filter(kind="answer").update(day=answered)
    report.steps.update(day=answered)
    promises = Promise.objects.filter(subject=f"report:{report.number}")
    promises.exclude(ended_on=None).update(ended_on=answered)
    promises.filter(what="act").update(made_on=answered)
    for promise in promises.filter(what="answer"):
        due = promise.due_on - timedelta(days=days)
        Promise.objects.filter(pk=promise.pk).update(made_on=report.day, due_on=due)
