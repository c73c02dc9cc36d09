"""What staff do with reports, and with what the room is set up by."""
