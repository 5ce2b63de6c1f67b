"""A process of its own that reads one hostile file: it gets bytes, gives JSON, and can do nothing else.

Nothing of Dexter is imported here and nobody imports this, so that no parser ever loads where the secrets are.
"""
