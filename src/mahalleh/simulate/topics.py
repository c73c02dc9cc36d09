"""What is told in the invented city, and the rhythm of each topic.

Factors are invented, of the size that victim surveys and municipal records show: their use is to be known,
not to be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mahalleh.topics import Topic


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a topic's events come about.

    Attributes
    ----------
    rate : float
        Reported events a week in an area of 8,500 residents, on average.
    told : float
        Mean chance that an event is reported.
    swing, peak : float
        Amplitude of the yearly wave, and the part of the Solar Hijri year (0 to 1) where it is highest.
    nowruz, ramadan, school : float
        Factors of those days.
    branching : float
        Events that one event sets off.
    dispersion : float
        Shape of the gamma noise (smaller: wilder).
    spread : float
        Standard deviation of the log level between areas.
    hours : (float, float)
        Hour of the day round which most happen, and its standard deviation.
    weekend : float
        Factor of Thursday and Friday.
    """

    rate: float
    told: float
    swing: float = 0.1
    peak: float = 0.3
    nowruz: float = 1.0
    ramadan: float = 1.0
    school: float = 1.0
    branching: float = 0.1
    dispersion: float = 12.0
    spread: float = 0.3
    hours: tuple[float, float] = (14.0, 5.0)
    weekend: float = 1.0


# what residents mean by a topic, shown where they choose one
EXAMPLES: Final = {
    "street-lighting": ("چراغ سوخته یا کوچهٔ تاریک", "a lamp that is out, a dark lane"),
    "noise": ("موسیقی بلند، موتور، کارگاه در شب", "loud music, engines, building work at night"),
    "litter": ("زباله، نخاله، سطل پُر", "rubbish, rubble, a bin that overflows"),
    "theft-from-person": (
        "کیف یا گوشی‌ای که از دست کسی قاپیده شد",
        "a bag or phone that was snatched from somebody",
    ),
    "burglary": ("ورود دزد به خانه یا انباری", "someone broke into a home or a storeroom"),
    "public-drug-use": (
        "مصرف مواد در پارک یا کوچه، سرنگ رهاشده",
        "drugs used in a park or lane, left needles",
    ),
    "traffic-danger": (
        "گذر خطرناک، سرعت زیاد جلوی مدرسه",
        "a dangerous crossing, speeding in front of a school",
    ),
    "family-conflict": (
        "دعوا و خشونت در خانهٔ خودتان یا همسایه",
        "quarrels or violence at home, yours or a neighbour's",
    ),
    "self-harm": (
        "کسی که به خود آسیب می‌زند یا از مرگ می‌گوید",
        "someone who hurts themselves or talks of dying",
    ),
    "child-at-risk": (
        "کودکی که کتک می‌خورد، کار می‌کند یا رها شده است",
        "a child who is beaten, made to work or left alone",
    ),
}


def _topic(
    id: str, fa: str, en: str, group: str, sensitivity: str, kind: str = "need", direction: str = "less"
) -> Topic:
    told = EXAMPLES.get(id)
    examples = {"fa": told[0], "en": told[1]} if told else {}
    return Topic(id, {"fa": fa, "en": en}, group, direction, sensitivity, kind, examples=examples)


NEED: Final[tuple[tuple[Topic, Rhythm], ...]] = (
    (
        _topic("street-lighting", "روشنایی معابر", "Street lighting", "surroundings", "open"),
        Rhythm(6.5, 0.55, swing=0.30, peak=0.80, branching=0.05, hours=(20.5, 2.0)),
    ),
    (
        _topic("noise", "سروصدا", "Noise", "surroundings", "open"),
        Rhythm(
            9.0, 0.45, swing=0.25, peak=0.35, nowruz=1.35, ramadan=1.2, branching=0.15, weekend=1.4,
            hours=(23.0, 2.5),
        ),
    ),
    (
        _topic("litter", "زباله و نخاله", "Litter and rubble", "surroundings", "open"),
        Rhythm(10.0, 0.50, swing=0.15, peak=0.30, nowruz=1.5, branching=0.10, hours=(10.0, 4.0)),
    ),
    (
        _topic("theft-from-person", "کیف‌قاپی و موبایل‌قاپی", "Theft from person", "crime", "open"),
        Rhythm(
            6.0, 0.60, swing=0.12, peak=0.45, nowruz=0.65, school=1.1, branching=0.30, dispersion=8.0,
            spread=0.45, hours=(19.0, 3.0),
        ),
    ),
    (
        _topic("burglary", "سرقت از خانه", "Burglary", "crime", "open"),
        Rhythm(
            5.5, 0.80, swing=0.10, peak=0.40, nowruz=1.6, branching=0.35, dispersion=8.0, spread=0.40,
            hours=(15.0, 6.0),
        ),
    ),
    (
        _topic("public-drug-use", "مصرف مواد در فضای عمومی", "Drug use in public", "crime", "open"),
        Rhythm(
            6.0, 0.40, swing=0.20, peak=0.35, ramadan=0.8, branching=0.25, dispersion=8.0, spread=0.55,
            hours=(22.0, 4.0),
        ),
    ),
    (
        _topic("traffic-danger", "خطر ترافیک و گذر عابران", "Traffic danger", "surroundings", "open"),
        Rhythm(8.0, 0.35, swing=0.08, peak=0.60, nowruz=0.6, school=1.3, branching=0.05, hours=(8.0, 3.5)),
    ),
    (
        _topic("family-conflict", "تنش و خشونت در خانواده", "Family conflict", "family", "sealed"),
        Rhythm(2.4, 0.30, swing=0.10, peak=0.35, nowruz=1.3, ramadan=0.85, branching=0.20, hours=(21.0, 3.5)),
    ),
    (
        _topic("self-harm", "آسیب به خود", "Self-harm", "health", "sealed"),
        Rhythm(0.25, 0.50, swing=0.10, peak=0.10, branching=0.05, hours=(0.0, 5.0)),
    ),
    (
        _topic("child-at-risk", "کودک در معرض خطر", "Child at risk", "family", "sealed"),
        Rhythm(0.45, 0.35, swing=0.05, peak=0.60, school=1.25, branching=0.05, hours=(12.0, 4.0)),
    ),
)  # fmt: skip

# What the police did, not what residents needed. The numbers are events for each hour of patrol.
ACTIVITY: Final[tuple[tuple[Topic, float], ...]] = (
    (_topic("police-stop", "ایست و بازرسی", "Stop and search", "police", "open", "activity", "none"), 0.22),
    (
        _topic(
            "patrol-arrest", "بازداشت در گشت", "Arrest on patrol", "police", "careful", "activity", "none"
        ),
        0.035,
    ),
)
PATROL_HOURS: Final = 40.0  # a week and area, on average
PATROL_RHYTHM: Final = Rhythm(0.0, 1.0, hours=(20.0, 4.5))  # only the hours count: evenings
