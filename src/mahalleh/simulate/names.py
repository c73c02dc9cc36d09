"""Names of an invented city, each in Persian and English. None is the list of a real city."""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np

from mahalleh.text import persian_digits

Name = tuple[str, str]  # Persian, English

CITY: Final[Name] = ("نارون‌شهر", "Narvanshahr")

PLAIN: Final[tuple[Name, ...]] = (
    ("سرچشمه", "Sarcheshmeh"),
    ("باغ انار", "Bagh-e Anar"),
    ("چهارسوق", "Chaharsuq"),
    ("کوزه‌گران", "Kuzegaran"),
    ("دروازه نو", "Darvazeh Now"),
    ("سه‌چنار", "Seh Chenar"),
    ("مسگرها", "Mesgarha"),
    ("بالاباغ", "Balabagh"),
    ("پایین‌باغ", "Payinbagh"),
    ("آسیاب کهنه", "Asiab-e Kohneh"),
    ("گلشن‌سرا", "Golshansara"),
    ("نیلوفر", "Nilufar"),
    ("قنات سفید", "Qanat-e Sefid"),
    ("تپه‌سبز", "Tappeh Sabz"),
    ("شمع‌سازان", "Shamsazan"),
    ("بادگیر", "Badgir"),
    ("هفت‌پله", "Haft Pelleh"),
    ("مینوباغ", "Minubagh"),
    ("کاغذگران", "Kaghazgaran"),
    ("پل آجری", "Pol-e Ajori"),
    ("زیتون‌زار", "Zeytunzar"),
    ("گنبد آبی", "Gonbad-e Abi"),
    ("شهرک مهر", "Shahrak-e Mehr"),
    ("نخ‌ریسان", "Nakhrisan"),
    ("چشمه‌مهر", "Cheshmeh Mehr"),
    ("سبزه‌گذر", "Sabzeh Gozar"),
    ("رنگرزان", "Rangrazan"),
    ("کبوترخانه", "Kabutarkhaneh"),
    ("درختستان", "Derakhtestan"),
    ("خشت‌مالان", "Kheshtmalan"),
    ("مهتاب", "Mahtab"),
    ("راه ابریشم", "Rah-e Abrisham"),
    ("گلاب‌گیران", "Golabgiran"),
    ("سپیدارها", "Sepidarha"),
    ("آهنگران", "Ahangaran"),
    ("شیشه‌گران", "Shishehgaran"),
    ("آفتاب‌رو", "Aftabru"),
    ("یخچال کهنه", "Yakhchal-e Kohneh"),
    ("کمان‌سازان", "Kamansazan"),
    ("نمدمالان", "Namadmalan"),
    ("باغ مینا", "Bagh-e Mina"),
    ("پنج‌باغ", "Panj Bagh"),
    ("دهکده نور", "Dehkadeh Nur"),
    ("سنگ‌تراشان", "Sangtarashan"),
    ("چاپارخانه", "Chaparkhaneh"),
    ("انبار گندم", "Anbar-e Gandom"),
    ("لاله‌گون", "Lalehgun"),
    ("سیلوی کهن", "Silu-ye Kohan"),
)
FIRST: Final[tuple[Name, ...]] = (
    ("باغ", "Bagh-e"),
    ("کوی", "Kuy-e"),
    ("گذر", "Gozar-e"),
    ("سرای", "Saray-e"),
    ("پل", "Pol-e"),
    ("شهرک", "Shahrak-e"),
    ("بوستان", "Bustan-e"),
    ("آسیاب", "Asiab-e"),
    ("دشت", "Dasht-e"),
    ("میدان", "Meydan-e"),
)
SECOND: Final[tuple[Name, ...]] = (
    ("گردو", "Gerdu"),
    ("زیتون", "Zeytun"),
    ("نرگس", "Narges"),
    ("یاس", "Yas"),
    ("سرو", "Sarv"),
    ("چنار", "Chenar"),
    ("بید", "Bid"),
    ("توت", "Tut"),
    ("گیلاس", "Gilas"),
    ("انگور", "Angur"),
    ("بادام", "Badam"),
    ("زعفران", "Zaferan"),
    ("لاله", "Laleh"),
    ("نسترن", "Nastaran"),
    ("شمشاد", "Shemshad"),
    ("صنوبر", "Senowbar"),
    ("افرا", "Afra"),
    ("ارغوان", "Arghavan"),
    ("پسته", "Pesteh"),
    ("ریحان", "Reyhan"),
)
SIDES: Final[tuple[Name, ...]] = (
    ("شمالی", "North"),
    ("جنوبی", "South"),
    ("شرقی", "East"),
    ("غربی", "West"),
)
DISTRICTS: Final[tuple[Name, ...]] = (
    ("بالارود", "Balarud"),
    ("بازار کهن", "Bazar-e Kohan"),
    ("خاورگاه", "Khavargah"),
    ("پایین‌رود", "Payinrud"),
    ("کوهپایه", "Kuhpayeh"),
    ("دشت نو", "Dasht-e Now"),
    ("باخترگاه", "Bakhtargah"),
    ("میان‌رود", "Miyanrud"),
    ("کارگاه‌ها", "Kargahha"),
    ("باغستان", "Baghestan"),
    ("راه‌آهن", "Rahahan"),
    ("سپیددشت", "Sepiddasht"),
)


def area_names(count: int, rng: np.random.Generator) -> list[Name]:
    """Invent different names: handmade ones first, in chance order; then pairs, sides and numbers.

    Parameters
    ----------
    count : int
        How many.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    list of (str, str)
        Persian and English.
    """
    pairs = [(f"{a[0]} {b[0]}", f"{a[1]} {b[1]}") for a, b in product(FIRST, SECOND)]
    pool = [*_mixed(PLAIN, rng), *_mixed(pairs, rng)]
    sided = [(f"{n[0]} {s[0]}", f"{n[1]} {s[1]}") for s, n in product(SIDES, pool)]
    names = [*pool, *sided]
    phase = 2
    while len(names) < count:
        fa = persian_digits(str(phase))
        names += [(f"{n[0]}، بخش {fa}", f"{n[1]}, part {phase}") for n in [*pool, *sided]]
        phase += 1
    return names[:count]


def _mixed(names: tuple[Name, ...] | list[Name], rng: np.random.Generator) -> list[Name]:
    return [names[at] for at in rng.permutation(len(names))]
