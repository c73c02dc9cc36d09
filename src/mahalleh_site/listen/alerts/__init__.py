"""What is new about a neighbourhood: by mail, by feed, and its poster."""
