"""Skills put to the test in a sandbox: what their tests say, and whether those would notice a broken skill."""

from core.skills.testing.trial import tested
from core.skills.testing.weak import weaknesses

__all__ = ["tested", "weaknesses"]
