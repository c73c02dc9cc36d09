"""Pages of those who read and answer reports."""
