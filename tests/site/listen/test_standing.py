"""By which ways reports reach us: told in coarse shares, and only where there are many."""

from mahalleh_site.listen.models import Report
from mahalleh_site.listen.queries import standing


def many(send, **by_channel):
    first = {channel: send(channel=channel).report for channel in by_channel}
    for channel, count in by_channel.items():
        like = first[channel]
        Report.objects.bulk_create(
            [
                Report(
                    number=f"{channel[:3]}{n}", form_digest=f"{channel}{n}".encode(),
                    receipt_digest=f"{channel}{n}".encode(), by_receipt=b"",
                    topic=like.topic, area=like.area, day=like.day, channel=channel,
                    changed_on=like.day, due_on=like.due_on,
                )
                for n in range(count - 1)
            ]
        )  # fmt: skip


def test_channels__are_told_in_twentieths_the_largest_first(send):
    many(send, web=39, spoken=9, paper=2)
    assert [share for _name, share in standing.channels()] == [0.8, 0.2, 0.05]


def test_channels__of_few_reports_are_not_told(send):
    many(send, web=40, paper=9)
    assert standing.channels() == []
