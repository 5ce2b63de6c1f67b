"""Processes killed with -9 at random moments, and what must be true all the same."""
