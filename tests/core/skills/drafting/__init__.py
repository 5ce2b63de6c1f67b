"""Drafts: reading what was asked and written, running it, counting, and the whole walk."""
