"""The town of these tests, and the sample city with what the watch may have found there."""

from tests.site.town import town, unpublished  # noqa: F401  (fixtures)
from tests.site.watch.browsing import demo, in_use, signal  # noqa: F401  (fixtures)
