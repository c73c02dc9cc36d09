"""What `make test-postgres` runs: tests marked `tables`, by what they ask for."""


def test_tables__are_touched_by_whoever_asks_for_rows(db, request):
    assert request.node.get_closest_marker("tables")


def test_tables__are_touched_through_fixtures_of_fixtures(city, request):
    assert request.node.get_closest_marker("tables")


def test_tables__are_left_alone_by_others(tmp_path, request):
    assert not request.node.get_closest_marker("tables")
