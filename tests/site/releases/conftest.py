"""The town of these tests."""

from tests.site.town import town, unpublished  # noqa: F401  (fixtures)
