"""Places of help in the invented city."""

from __future__ import annotations

from typing import Final

import numpy as np

from mahalleh.simulate.model import Service

KINDS: Final = (
    ("counselling", "مرکز مشاورهٔ", "Counselling Centre"),
    ("family", "خانهٔ خانوادهٔ", "Family House"),
    ("youth", "کانون نوجوانان", "Youth Club"),
    ("addiction", "مرکز همیاری ترک اعتیاد", "Addiction Support Centre"),
    ("social-work", "دفتر مددکاری", "Social Work Office"),
    ("women", "خانهٔ مشاورهٔ زنان", "Women's Advice House"),
    ("city-services", "دفتر خدمات شهری", "City Services Office"),
)
AREAS_EACH: Final = 5  # one service for so many areas


def make_services(
    areas: list[str], names_fa: list[str], names_en: list[str], rng: np.random.Generator
) -> tuple[Service, ...]:
    """Spread services of every kind by chance, named after their area.

    Parameters
    ----------
    areas, names_fa, names_en : (A,) list of str
        Ids and names.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    tuple of Service
        One for five areas, and one of each kind at least.
    """
    count = max(len(KINDS), len(areas) // AREAS_EACH)
    where = rng.permutation(np.resize(np.arange(len(areas)), count + len(areas)))[:count]
    services = []
    for number, at in enumerate(where):
        kind, fa, en = KINDS[number % len(KINDS)]
        services.append(Service(f"{fa} {names_fa[at]}", f"{names_en[at]} {en}", kind, areas[at]))
    return tuple(services)
