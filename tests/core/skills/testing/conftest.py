"""What these tests share."""

from tests.core.skills.runnable import library, sandbox

__all__ = ["library", "sandbox"]
