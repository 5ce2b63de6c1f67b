"""What people do in Slack beside writing: shortcuts, forms, reactions, the agent view; and what becomes of messages."""

from typing import Any

from tests.doubles.slack_server import Envelope, SlackServer

Json = dict[str, Any]


class People:
    """Acts on a server as people and administrators would."""

    def __init__(self, server: SlackServer) -> None:
        self.server, self.space, self.views = server, server.space, server.api.views

    def opens(self, tab: str = "home", user: str = "U1", beside: str = "") -> Envelope:
        """Open Dexter: its home tab, or the messages with a channel beside them."""
        entities = [{"type": "slack#/types/channel_id", "value": beside, "team_id": self.space.team}] if beside else []
        event = {"type": "app_home_opened", "user": user, "channel": self.space.direct(user).id, "tab": tab}
        return self.server.event(event | {"context": {"entities": entities}, "event_ts": self.space.stamp()})

    def stops(self, channel: str, thread_ts: str, user: str = "U1") -> Envelope:
        """Press the stop button of an agent session."""
        event = {"type": "agent_session_stopped", "channel": channel, "thread_ts": thread_ts, "user": user}
        return self.server.event(event | {"streaming_message_ts": [], "event_ts": self.space.stamp()})

    def shortcut(self, name: str, user: str = "U1") -> Envelope:
        """Choose a shortcut from anywhere."""
        asked = self.server.asked_by(user, "")
        asked.pop("response_url")
        return self.server.interact({"type": "shortcut", "callback_id": name, "user": {"id": user}, **asked})

    def shortcut_on(self, name: str, ts: str, channel: str = "C1", user: str = "U1") -> Envelope:
        """Choose a shortcut in the menu of a message."""
        message = self.space.find(self.space.channels[channel], ts)
        what = {"type": "message_action", "callback_id": name, "message": message, "channel": {"id": channel}}
        return self.server.interact(what | {"user": {"id": user}, **self.server.asked_by(user, channel)})

    def sends(self, values: Json, view: Json | None = None, user: str = "U1", **more: Any) -> Envelope:
        """Fill the last window in and send it; `values` gives what each field's element holds."""
        window = (view or self.views.window) | more
        fields = {b["block_id"]: b["element"]["action_id"] for b in window["blocks"] if b["type"] == "input"}
        state = {"values": {block: {action: values.get(block, {"value": None})} for block, action in fields.items()}}
        sent = {"type": "view_submission", "view": {"state": state, **window}, "user": {"id": user}}
        return self.server.interact(sent | {"team": {"id": self.space.team}, **self._trigger(user)})

    def types(self, field: str, text: str, user: str = "U1") -> Envelope:
        """Type into a field whose options the app suggests."""
        what = {"type": "block_suggestion", "action_id": field, "block_id": field, "value": text}
        return self.server.interact(what | {"user": {"id": user}, "view": self.views.window})

    def presses(self, label: str, user: str = "U1", *, home: bool = False) -> Envelope:
        """Press a button in the last window or on the home page."""
        view = self.views.homes[user] if home else self.views.window
        rows = [block["elements"] for block in view["blocks"] if block["type"] == "actions"]
        element = next(e for row in rows for e in row if label in e["text"]["text"])
        return self.acts(element | {"type": "button"}, user, view)

    def acts(self, action: Json, user: str = "U1", view: Json | None = None) -> Envelope:
        """Use an element of a view."""
        box = {"type": "view", "view_id": (view or {}).get("id", "V0")}
        what = {"type": "block_actions", "actions": [action], "user": {"id": user, "username": "ada"}}
        return self.server.interact(what | {"container": box, "view": view, **self._trigger(user)})

    def runs_step(self, step: str, **inputs: Any) -> Envelope:
        """Have a workflow reach the step "Ask Dexter"."""
        self.views.steps.add(step)
        what = {"type": "function_executed", "function": {"callback_id": "ask_dexter"}, "inputs": inputs}
        return self.server.event(what | {"function_execution_id": step, "bot_access_token": "xwfp-1"})

    def reacts(self, emoji: str, ts: str, channel: str = "C1", user: str = "U2") -> Envelope:
        """Put an emoji on a message."""
        item = {"type": "message", "channel": channel, "ts": ts}
        return self.server.event({"type": "reaction_added", "user": user, "reaction": emoji, "item": item})

    def edits(self, ts: str, text: str, channel: str = "C1") -> Envelope:
        """Change a message."""
        message = self.space.find(self.space.channels[channel], ts)
        assert message
        before = dict(message)
        message |= {"text": text, "edited": {"user": message["user"], "ts": self.space.stamp()}}
        return self._changed("message_changed", channel, message=dict(message), previous_message=before)

    def deletes(self, ts: str, channel: str = "C1") -> Envelope:
        """Delete a message; one with replies leaves a tombstone, as in Slack."""
        place = self.space.channels[channel]
        message = self.space.find(place, ts)
        assert message
        if len(self.space.thread(place, ts)) > 1 and message.get("thread_ts", ts) == ts:
            before = dict(message)
            message |= {"text": "This message was deleted.", "subtype": "tombstone", "hidden": True}
            message |= {"user": "USLACKBOT", "thread_ts": ts}
            return self._changed("message_changed", channel, message=dict(message), previous_message=before)
        place.messages.remove(message)
        return self._changed("message_deleted", channel, deleted_ts=ts, previous_message=message)

    def archives(self, channel: str = "C1") -> Envelope:
        """Archive a channel."""
        self.space.channels[channel].archived = True
        return self.server.event({"type": "channel_archive", "channel": channel, "user": "U2"})

    def removes_dexter(self, channel: str = "C1") -> Envelope:
        """Take Dexter out of a channel."""
        self.space.channels[channel].member = False
        return self.server.event({"type": "member_left_channel", "channel": channel, "user": self.space.bot_user})

    def leaves(self, user: str = "U1", channel: str = "C1") -> Envelope:
        """Leave a channel."""
        return self.server.event({"type": "member_left_channel", "channel": channel, "user": user})

    def _changed(self, subtype: str, channel: str, **more: Any) -> Envelope:
        event = {"type": "message", "subtype": subtype, "channel": channel, "hidden": True, "ts": self.space.stamp()}
        return self.server.event(event | {"channel_type": "im" if channel.startswith("D") else "channel", **more})

    def _trigger(self, user: str) -> Json:
        return {"trigger_id": self.server.asked_by(user, "")["trigger_id"]}
