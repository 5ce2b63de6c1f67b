"""Dexter in Slack."""
