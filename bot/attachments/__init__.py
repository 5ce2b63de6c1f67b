"""Files that come with a request, as context for the members: fetched, read apart, cut to size, or refused in words."""

from bot.attachments.gather import Attachments, gather
from bot.attachments.offers import Gathered, Offer
from bot.attachments.words import beside
from bot.settings import Documents

_USUAL = Documents()
MOST_FILES = _USUAL.count
MOST_BYTES = _USUAL.bytes
"""Of one file."""
MOST_CHARACTERS = _USUAL.characters
"""Of all files together: they go into the prompt of every member."""
SECONDS = _USUAL.seconds
"""For all files of one request."""

__all__ = [
    "MOST_BYTES",
    "MOST_CHARACTERS",
    "MOST_FILES",
    "SECONDS",
    "Attachments",
    "Gathered",
    "Offer",
    "beside",
    "gather",
]
