"""The only writers of the listen room: atomic, and by somebody unless a resident's receipt is the proof."""
