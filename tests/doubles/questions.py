"""Collaborations and events with everything filled in that a test does not care about."""

from typing import Any

from core.entities import Collaboration, now, run_id
from core.events import Call, Event, Happening, Note, Proposal


def question(key: str = "k1", *, tenant: str = "local", **changes: Any) -> Collaboration:
    """Return a queued collaboration, its id derived from `key`."""
    values: dict[str, Any] = {
        "id": run_id(tenant, key),
        "tenant": tenant,
        "asker": "local:ada",
        "asker_name": "Ada",
        "address": f"console:{tenant}:1",
        "question": "Should we move to X?",
        "created_at": now(),
    }
    return Collaboration(**{**values, **changes})


def call(**changes: Any) -> Call:
    """Return a model call."""
    values: dict[str, Any] = {
        "member": "analyst", "phase": "propose", "model": "openai/gpt", "provider": "openai", "seconds": 1.5,
        "prompt_tokens": 10, "completion_tokens": 5, "cost": 0.25,
    }  # fmt: skip
    return Call(**{**values, **changes})


def proposal(**changes: Any) -> Proposal:
    """Return a proposal with its call."""
    return Proposal(member="analyst", label="A", text="Yes, in May.", call=call(**changes))


def said(about: Collaboration, key: str = "note", body: Happening | None = None, **changes: Any) -> Event:
    """Return an event of a collaboration's run."""
    values: dict[str, Any] = {"run": about.id, "tenant": about.tenant, "address": about.address, "at": now()}
    return Event(key=key, body=body or Note(text=key), **{**values, **changes})
