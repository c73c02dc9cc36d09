"""Inside the city of `benchmarks.reports`: makes begun forms, and counts what was stored in the end."""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    """`forms N`, `count BEFORE`, `task 0` or `done 0 TASK`; prints JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mahalleh_site.settings")
    import django

    django.setup()
    from django.db.models import Sum

    from mahalleh_site.listen.models import NeedCount, Report
    from mahalleh_site.places.models import Area
    from mahalleh_site.sealed import form_token

    what, number = sys.argv[1], int(sys.argv[2])
    if what in ("task", "done"):
        from mahalleh_site.house.daily import daily

        if what == "task":
            print(json.dumps({"id": str(daily.enqueue().id)}))
        else:
            print(json.dumps({"done": daily.get_result(sys.argv[3]).status == "SUCCESSFUL"}))
        return
    stored = Report.objects.count()
    if what == "forms":
        area = Area.objects.order_by("id").first()
        fields = {
            "step": "send",
            "topic": "street-lighting",
            "words": "The lamp is out. " * 8,
            "area": area.pk,
        }
        forms = [form_token.new(Report.ROOM).text for _ in range(number)]
        print(json.dumps({"forms": forms, "fields": fields, "before": stored}))
        return
    new = Report.objects.order_by("id")[number:]
    counted = NeedCount.objects.aggregate(n=Sum("n"))["n"] - _invented()
    print(json.dumps({"reports": len(new), "counted": counted}))


def _invented() -> int:
    """What the sample city's own reports count."""
    from mahalleh_site.listen.demo import INVENTED
    from mahalleh_site.places.models import Topic

    sealed = set(Topic.objects.filter(sensitivity="sealed").values_list("pk", flat=True))
    known = set(Topic.objects.values_list("pk", flat=True))
    return sum(each.topic in known - sealed for each in INVENTED)


if __name__ == "__main__":
    main()
