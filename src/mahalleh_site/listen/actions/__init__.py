"""The only writers of the listen room: atomic, and by somebody unless a resident's receipt is the proof."""

from mahalleh_site.listen.actions._common import NobodyReceivesError, NotAllowedError

__all__ = ["NobodyReceivesError", "NotAllowedError"]
