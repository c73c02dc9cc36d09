"""The listen room: reports without fear, followed by a receipt, answered in the open."""
