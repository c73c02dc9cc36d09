"""Where reports are read, answered and set up by those who work in the partnership."""
