"""The fake server's windows, home pages, agent sessions and workflow steps, with Slack's limits on each."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = dict[str, Any]
Call = Callable[[Json], Json]

TRIGGER_SECONDS = 3.0
"""For which a press, a command or a shortcut may open a window."""
FIELDS = {
    "plain_text_input": {"type", "action_id", "multiline", "max_length", "initial_value", "placeholder"},
    "static_select": {"type", "action_id", "options", "placeholder", "initial_option"},
    "external_select": {"type", "action_id", "min_query_length", "placeholder", "initial_option"},
    "conversations_select": {"type", "action_id", "filter", "initial_conversation", "default_to_current_conversation"},
    "radio_buttons": {"type", "action_id", "options", "initial_option"},
    "file_input": {"type", "action_id", "max_files", "filetypes"},
}
"""What each field may have, as Slack documents it."""

SCOPES = {
    "views.open": "",
    "views.update": "",
    "views.publish": "",
    "agents.sessions.setStatus": "chat:write",
    "assistant.threads.setStatus": "assistant:write",
    "assistant.threads.setTitle": "assistant:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "functions.completeSuccess": "",
    "functions.completeError": "",
}
"""Bot scopes by method; empty: none is needed."""


class Wrong(Exception):
    """Slack's word for what is wrong."""


@dataclass
class Views:
    """What is shown beside the channels."""

    homes: dict[str, Json] = field(default_factory=dict)
    """Home pages by person."""
    published: list[str] = field(default_factory=list)
    """For whom, each time."""
    windows: dict[str, Json] = field(default_factory=dict)
    """Open windows by their ids."""
    sessions: dict[tuple[str, str], Json] = field(default_factory=dict)
    """Agent sessions by channel and thread."""
    prompts: dict[str, Json] = field(default_factory=dict)
    """What an agent suggests, by channel."""
    statuses: list[Json] = field(default_factory=list)
    """Of the older threads of assistants."""
    titles: list[Json] = field(default_factory=list)
    outputs: dict[str, Json] = field(default_factory=dict)
    """What steps of workflows have ended in, by execution."""
    steps: set[str] = field(default_factory=set)
    """Steps that wait."""
    agent: bool = True
    """Whether the app has an agent view."""
    triggers: dict[str, float] = field(default_factory=dict)
    """When each was given out; one that has been used is gone."""
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def methods(self) -> dict[str, Call]:
        """The Web API methods, by name."""
        return {
            "views.open": self._open,
            "views.update": self._update,
            "views.publish": self._publish,
            "agents.sessions.setStatus": self._session,
            "assistant.threads.setStatus": lambda body: self.statuses.append(body) or {},
            "assistant.threads.setTitle": lambda body: self.titles.append(body) or {},
            "assistant.threads.setSuggestedPrompts": self._suggest,
            "functions.completeSuccess": lambda body: self._end(body, {"outputs": body["outputs"]}),
            "functions.completeError": lambda body: self._end(body, {"error": body["error"]}),
        }

    def trigger(self, name: str) -> None:
        """Note that a window may be opened with this."""
        self.triggers[name] = time.monotonic()

    @property
    def window(self) -> Json:
        """The window that was opened last."""
        return list(self.windows.values())[-1]

    def _open(self, body: Json) -> Json:
        given = self.triggers.pop(str(body.get("trigger_id")), None)
        if given is None:
            raise Wrong("invalid_trigger_id" if body.get("trigger_id") else "invalid_arguments")
        if time.monotonic() - given > TRIGGER_SECONDS:
            raise Wrong("expired_trigger_id")
        return self._keep(f"V{next(self._numbers)}", _checked(body["view"], "modal"))

    def _update(self, body: Json) -> Json:
        there = self.windows.get(str(body.get("view_id")))
        if there is None:
            raise Wrong("not_found")
        if body.get("hash") and body["hash"] != there["hash"]:
            raise Wrong("hash_conflict")
        return self._keep(there["id"], _checked(body["view"], "modal"))

    def _publish(self, body: Json) -> Json:
        self.homes[body["user_id"]] = _checked(body["view"], "home")
        self.published.append(body["user_id"])
        return {"view": self.homes[body["user_id"]]}

    def _keep(self, number: str, view: Json) -> Json:
        self.windows[number] = view | {"id": number, "hash": f"h{next(self._numbers)}"}
        return {"view": self.windows[number]}

    def _session(self, body: Json) -> Json:
        if not self.agent:
            raise Wrong("not_allowed_token_type")
        if body["status"] not in ("active", "processing", "suspended", "closed") or len(body.get("title") or "") > 200:
            raise Wrong("invalid_arguments")
        here = self.sessions.setdefault((body["channel_id"], body["thread_ts"]), {"title": body.get("title")})
        here["status"] = body["status"]
        here.setdefault("history", []).append(body["status"])
        return {"status": body["status"]}

    def _suggest(self, body: Json) -> Json:
        if self.agent and body.get("thread_ts"):
            return {}  # it fails silently, as documented
        if not 1 <= len(body["prompts"]) <= 4 or any(set(p) != {"title", "message"} for p in body["prompts"]):
            raise Wrong("invalid_arguments")
        self.prompts[body["channel_id"]] = body
        return {}

    def _end(self, body: Json, end: Json) -> Json:
        if body["function_execution_id"] not in self.steps:
            raise Wrong("function_execution_not_found")
        self.steps.remove(body["function_execution_id"])
        self.outputs[body["function_execution_id"]] = end
        return {}


def _checked(view: Json, kind: str) -> Json:
    """Return a view that Slack would take. Raises `Wrong`."""
    blocks = view.get("blocks") or []
    names = [block["block_id"] for block in blocks if "block_id" in block]
    if view.get("type") != kind or not 1 <= len(blocks) <= 100 or len(names) != len(set(names)):
        raise Wrong("invalid_arguments")
    inputs = [block for block in blocks if block["type"] == "input"]
    title = (view.get("title") or {}).get("text", "x" * 99)
    if kind == "modal" and (len(title) > 24 or len(view.get("private_metadata", "")) > 3000):
        raise Wrong("invalid_arguments")
    if kind == "modal" and inputs and not view.get("submit"):
        raise Wrong("invalid_arguments")
    if any(map(_bad_input, inputs)):
        raise Wrong("invalid_arguments")
    return view


def _bad_input(block: Json) -> bool:
    element = block["element"]
    if element["type"] not in FIELDS or set(element) - FIELDS[element["type"]]:
        return True
    options = element.get("options", [])
    return (
        len(block["label"]["text"]) > 2000
        or ("options" in element and not 1 <= len(options) <= 100)
        or any(map(_bad_option, options))
        or int(element.get("max_length", 1)) > 3000
        or not 1 <= int(element.get("max_files", 1)) <= 10
    )


def _bad_option(option: Json) -> bool:
    texts = (option["text"], option.get("description") or {"text": "x"})
    return any(not 1 <= len(text["text"]) <= 75 for text in texts) or not 1 <= len(option["value"]) <= 150
