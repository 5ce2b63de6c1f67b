"""Files that come with a request, as context for the members: fetched, read apart, cut to size, or refused in words."""

from bot.attachments.gather import Attachments
from bot.attachments.offers import Gathered, Offer
from bot.attachments.words import beside

__all__ = ["Attachments", "Gathered", "Offer", "beside"]
