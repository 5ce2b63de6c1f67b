"""Model calls of the runs in the galleries."""

from core.events import Call


def call(member: str, phase: str, cost: float = 0.0004) -> Call:
    """Return what one model call took."""
    return Call(
        member=member, phase=phase, model="openai/gpt-5-mini", provider="openai", seconds=1.8, prompt_tokens=640,
        completion_tokens=180, cost=cost,
    )  # fmt: skip
