"""Pairs of reports, labelled by hand: do the two tell of the same thing?

A line: + or - (same, not the same), cells apart (? where neither cell is known), days apart, topics (one
letter each), and the two texts. Written for this test; both sides are invented. `CHOOSE` was used to choose
the method's settings, `HELD` only to measure it.
"""

from __future__ import annotations

from datetime import date, timedelta

import h3.api.basic_int as h3

from mahalleh.listen.duplicates import Note

CHOOSE = """
+ 0 1 LL | چراغ برق خیابان لاله سوخته است | لامپ چراغ برق خیابان لاله خاموش است
+ 0 3 LL | چراغ‌های کوچه نرگس خاموش است | چراغهاي كوچه نرگس خاموشه
+ 1 2 LL | تیر چراغ برق سر کوچه ۱۲ نور ندارد | سر كوچه 12 تير چراغ برق خاموش است
+ 0 9 LL | کوچه شهید رضایی تاریک است، چراغ ندارد | چراغ کوچه رضایی خراب است و کوچه تاریک است
+ 0 0 LL | lamp out in Laleh street | street lamp is out, Laleh st
+ 1 5 LL | The street light outside the school is broken | broken streetlight outside school
+ 0 20 LL | light not working corner of Narges and 5th | Light at the corner of Narges & 5 not working!!
+ ? 2 LL | lamp out near the mosque on Saadi street | Saadi street: lamp near mosque is out
+ 0 4 GG | زباله‌ها را جلوی پارک لاله ریخته‌اند و بو می‌دهد | بوی زباله جلوی پارک لاله
+ 1 1 GG | سطل آشغال سر خیابان سعدی پر شده و سرریز کرده | سطل زباله خیابان سعدی سرریز شده
+ 0 6 GG | نخاله ساختمانی در بن بست یاس | در بن‌بست یاس نخاله ساختماني ريخته اند
+ 0 0 GG | rubbish dumped behind the bakery | Rubish dumped behind bakery again
+ 1 12 GG | Overflowing bin by the playground | bin by the playground is overflowing
+ 0 7 NN | صدای بلند موسیقی از باغ تالار هر شب تا دیروقت | هر شب از باغ تالار صدای موسیقی بلند می‌آید
+ 0 2 NN | کارگاه جوشکاری شب‌ها سر و صدا دارد | سروصدای کارگاه جوشکاری در شب
+ 0 14 NN | loud music from the wedding hall every night | every night loud music from wedding hall
+ 1 3 NN | motorbikes racing at night on Ferdowsi blvd | Ferdowsi boulevard: motorbike racing at night
+ 0 10 TT | جلوی مدرسه ابتدایی سرعت ماشین‌ها زیاد است | سرعت زیاد ماشین ها جلوی مدرسه، خطرناک است
+ 0 30 TT | crossing near Hafez school dangerous, cars speed | cars speeding at crossing by Hafez school
+ 0 5 DD | سرنگ رها شده در پارک بنفشه | سرنگ‌های رهاشده در پارک بنفشه خطر برای بچه‌ها
+ 0 3 DG | سرنگ و آشغال در زمین بازی پارک بنفشه | آشغال و سرنگ در زمین بازی بنفشه ریخته
+ 0 1 LL | چراق خیابون لاله خرابه | چراغ خیابان لاله خراب است
- 0 1 LL | lamp out in Laleh street | lamp out in Narges street
- 0 1 LL | چراغ خیابان لاله سوخته است | چراغ خیابان نرگس سوخته است
- 1 0 LL | چراغ کوچه ۱۲ خاموش است | چراغ کوچه ۱۴ خاموش است
- 4 1 LL | چراغ کوچه خاموش است | چراغ کوچه خاموش است
- 9 0 LL | lamp out | lamp out
- 6 2 LL | street light not working near the park | street light not working near the park
- 0 2 LG | چراغ خیابان لاله خاموش است | سطل زباله خیابان لاله پر است
- 0 1 LN | lamp out in Laleh street | loud music in Laleh street
- 0 0 GG | سطل زباله کوچه یاس پر است | نخاله در پارک نیلوفر
- 1 3 GG | bin overflowing outside number 7 | bin overflowing outside number 32
- 0 4 GG | mattress dumped in lane 3 | mattress dumped in lane 8
- 0 1 NN | loud music from the flat above | dog barking all night
- 0 5 NN | سگ همسایه شب‌ها پارس می‌کند | موتورسوارها شب‌ها سر و صدا می‌کنند
- 1 2 NN | کارگاه نجاری سر و صدا دارد | کارگاه آهنگری سر و صدا دارد
- 0 8 TT | cars park on the pavement | cars speed past the school
- 0 8 TT | خودروها در پیاده‌رو پارک می‌کنند | چراغ راهنمایی چهارراه کار نمی‌کند
- 2 1 DD | people use drugs in Banafsheh park | people use drugs under the bridge
- 0 200 LL | lamp out in Laleh street | lamp out in Laleh street
- ? 3 LL | چراغ خیابان سعدی خاموش است | چراغ بلوار فردوسی خاموش است
- 0 3 TT | خط عابر پیاده جلوی مدرسه پاک شده | ماشین‌ها جلوی مدرسه دوبله پارک می‌کنند
- 0 3 CC | my bicycle was stolen from the yard | my phone was snatched from my hand
- 1 6 CC | کیفم را موتورسوار قاپید | موتورم را از پارکینگ دزدیدند
"""

HELD = """
+ 0 2 LL | روشنایی کوچه بهار قطع است | کوچه بهار روشنایی ندارد، قطع شده
+ 1 0 LL | چراغ پارک نیلوفر شب‌ها خاموش است | شبها چراغ پارك نيلوفر خاموش مي باشد
+ 0 15 LL | دو تا از چراغ‌های خیابان ۲۲ بهمن سوخته | چراغ های خیابان 22 بهمن سوخته است
+ 0 1 LL | three lamps are out on Azadi street | Azadi St. – lamps out
+ 1 4 LL | dark alley behind the hospital, no light | no light in the alley behind hospital, very dark
+ 0 0 LL | streetlamp flickers all night in front of no. 14 | Street lamp in front of number 14 flickers
+ ? 6 LL | تیر برق میدان انقلاب خاموش است | میدان انقلاب تیر برقش خاموش شده
+ 0 3 GG | تلنبار شدن زباله کنار مسجد جامع | کنار مسجد جامع زباله تلنبار شده است
+ 0 1 GG | آشغال‌ها را چند روز است از کوچه مریم نبرده‌اند | چند روزه آشغال کوچه مریم رو نبردن
+ 1 8 GG | مصالح ساختمانی پیاده‌روی خیابان حافظ را بسته | پیاده رو خیابان حافظ با مصالح ساختمانی بسته شده
+ 0 2 GG | old sofa dumped next to the bus stop | sofa dumped by bus stop
+ 0 11 GG | Trash has not been collected on Maryam lane for week | maryam lane trash not collected one week
+ 1 1 GG | smell from the open drain near the market | open drain by the market smells terrible
+ 0 5 NN | پارس سگ‌ها نیمه‌شب در شهرک گلستان | سگهای شهرک گلستان نیمه شب پارس میکنند
+ 0 1 NN | از ساعت شش صبح صدای کمپرسور ساختمان نیمه‌کاره | صدای کمپرسور ساختمان نیمه کاره از ۶ صبح
+ 1 2 NN | construction noise before 6 am next to the clinic | Noise of construction next to clinic before 6am
+ 0 9 NN | café on the corner plays loud music after midnight | loud music after midnight from the corner cafe
+ 0 4 TT | پل عابر پیاده روبه‌روی دانشگاه پله‌اش شکسته | پله‌های پل عابر روبروی دانشگاه شکسته است
+ 0 13 TT | چاله بزرگ وسط بلوار کشاورز | وسط بلوار کشاورز یک چاله‌ی بزرگ است
+ 1 21 TT | big pothole in the middle of Keshavarz boulevard | Keshavarz blvd big pot hole
+ 0 2 TT | traffic lights at Hafez junction stuck on red | the traffic light of Hafez junction is stuck
+ 0 6 DD | هر شب چند نفر پشت دیوار کتابخانه مواد می‌کشند | پشت دیوار کتابخانه شب‌ها مواد مصرف می‌کنند
+ 0 3 DG | needles and rubbish behind the library | rubbish and needles left behind library
+ 0 7 CC | در ورودی ساختمان پلاک ۸ را شکستند و دزدی شد | دزدی از ساختمان پلاک ۸ با شکستن در ورودی
- 0 2 LL | چراغ کوچه بهار خاموش است | چراغ کوچه پاییز خاموش است
- 0 0 LL | lamps out on Azadi street | lamps out on Hafez street
- 1 1 LL | چراغ جلوی پلاک ۲۳ سوخته | چراغ جلوی پلاک ۳۲ سوخته
- 5 1 LL | تیر چراغ برق خاموش است | تیر چراغ برق خاموش است
- 7 0 GG | bin is full | bin is full
- 0 3 LG | روشنایی کوچه بهار قطع است | زباله کوچه بهار جمع نشده است
- 0 1 GN | sofa dumped by the bus stop | loud music by the bus stop at night
- 0 4 GG | سطل زباله جلوی نانوایی شکسته است | لجن جوی آب را جلوی نانوایی ریخته‌اند
- 1 5 GG | rubble left outside house number 5 | rubble left outside house number 51
- 0 2 GG | trash not collected on Maryam lane | trash not collected on Yas lane
- 0 9 GG | زباله پارک نیلوفر جمع نمی‌شود | زباله پارک بنفشه جمع نمی‌شود
- 0 6 NN | صدای بلند تلویزیون همسایه طبقه بالا | صدای اگزوز موتور در خیابان
- 0 1 NN | neighbour's dog barks all night | neighbour plays drums all night
- 2 2 NN | کافه سر کوچه موسیقی بلند پخش می‌کند | تالار عروسی موسیقی بلند پخش می‌کند
- 0 12 TT | چاله وسط خیابان حافظ | سرعت‌گیر خیابان حافظ خیلی بلند است
- 0 1 TT | pothole on Keshavarz boulevard | zebra crossing worn off on Keshavarz boulevard
- 1 0 TT | traffic light at Hafez junction is stuck | traffic light at Azadi junction is stuck
- 0 150 TT | چاله بزرگ وسط بلوار کشاورز | چاله بزرگ وسط بلوار کشاورز
- ? 2 TT | cars speed on Hafez street | cars speed on Saadi street
- ? 1 GG | زباله سر کوچه جمع نشده | آتش زدن زباله در زمین خالی
- 0 3 DD | مصرف مواد در پارک بنفشه | فروش سیگار به بچه‌ها در پارک بنفشه
- 0 4 CC | phone snatched at the bus stop | car window broken at the bus stop
- 0 20 CC | سرقت لوازم خودرو در کوچه مریم | سرقت از منزل در کوچه مریم
- 3 2 LL | light out near the school | light out near the mosque
"""
ORIGIN = h3.latlng_to_cell(35.7, 51.4, 9)
DAY = date(2026, 3, 21)


def read(lines: str) -> list[tuple[bool, Note, Note]]:
    """The pairs of a set: whether they are the same, and the two notes."""
    found = []
    for line in lines.strip().splitlines():
        head, one, other = line.split(" | ")
        label, steps, days, topics = head.split()
        cells = (None, None) if steps == "?" else (ORIGIN, sorted(h3.grid_ring(ORIGIN, int(steps)))[0])
        found.append(
            (
                label == "+",
                Note("one", one, cells[0], "a0", topics[0], DAY),
                Note("other", other, cells[1], "a0", topics[1], DAY + timedelta(days=int(days))),
            )
        )
    return found
