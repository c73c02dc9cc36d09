"""A throw-away room, for the test that a room is one line and its folder: each field of a manifest."""
