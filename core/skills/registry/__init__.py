"""Sharing skills: signed packages, the index of a registry, how finds are ranked, and what is trusted."""
