"""What residents read: their own report, and others near by."""
