"""What any sealed conversation needs; a room extends it and adds what its own conversations are about."""
