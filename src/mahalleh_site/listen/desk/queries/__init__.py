"""What those read who work on reports."""
