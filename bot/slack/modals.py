"""The forms as Block Kit, and what a person has filled into them: https://docs.slack.dev/surfaces/modals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.attachments import MOST_BYTES, MOST_FILES
from bot.overview import Books
from bot.slack.mrkdwn import defuse, one_line
from bot.words import Words
from core.entities import Channel, Collaboration

View = dict[str, Any]

ASK, AGAIN, CHANNEL = "dexter:ask", "dexter:again", "dexter:channel"
"""The forms, by their `callback_id`."""

QUESTION = 3000
"""Characters that Slack takes in one field; a longer question comes as a message or a file."""
QUOTED = 1500
"""Characters of a message that are kept in the form about it: Slack takes 3,000 for all that a form remembers."""
LABEL, OPTION, MOST_OPTIONS = 24, 75, 100
AUTO = "auto"
HERE, PRIVATE = "here", "private"


@dataclass(frozen=True, slots=True)
class About:
    """Where a form was opened, and on what; kept in the form."""

    channel: str = ""
    thread: str = ""
    quoted: str = ""
    """The message that it was opened on, and its author's name."""
    run: str = ""

    def kept(self) -> str:
        """Return it as the form's `private_metadata`."""
        return json.dumps([self.channel, self.thread, self.quoted[:QUOTED], self.run], ensure_ascii=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "About":
        """Read it back; empty where the form is another's or an older one."""
        try:
            kept = json.loads(str(view.get("private_metadata") or "[]"))
        except ValueError:
            return cls()
        return cls(*(str(each) for each in kept[:4])) if isinstance(kept, list) else cls()


@dataclass(frozen=True, slots=True)
class Form:
    """What a person has filled in."""

    values: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "Form | None":
        """Read a form that was sent; nothing where it came without what was filled in."""
        state = (view.get("state") or {}).get("values")
        if not isinstance(state, Mapping) or not state:
            return None
        return cls({name: dict(next(iter(fields.values()), {})) for name, fields in state.items() if fields})

    def text(self, name: str) -> str:
        """Return what was typed or chosen, empty where nothing was."""
        field = self.values.get(name, {})
        chosen = (field.get("selected_option") or {}).get("value") or field.get("selected_conversation")
        return str(field.get("value") or chosen or "").strip()

    @property
    def files(self) -> list[Mapping[str, Any]]:
        """The files that were added."""
        return [row for row in self.values.get("files", {}).get("files") or () if isinstance(row, Mapping)]

    def options(self) -> str:
        """Return the committee and the pattern as they are typed behind a command."""
        given = ((name, self.text(name)) for name in ("committee", "pattern"))
        return "".join(f'--{name} "{value}" ' for name, value in given if value)

    def errors(self, books: Books, words: Words) -> dict[str, str]:
        """Return what is wrong, by field."""
        wrong: dict[str, str] = {}
        if "question" in self.values and not any(c.isalnum() for c in self.text("question")):
            wrong["question"] = words("There is no question in that.")
        if "channel" in self.values and not self.text("channel"):
            wrong["channel"] = words("Choose a channel.")
        known = {"committee": set(books.committees), "pattern": {*books.patterns, AUTO}}
        for name, names in known.items():
            if self.text(name) and self.text(name) not in names:
                wrong[name] = words("That is not there any more: choose another.")
        if len(self.files) > MOST_FILES:
            wrong["files"] = words("At most {count} files.", count=MOST_FILES)
        for row in self.files:
            if isinstance(row.get("size"), int) and row["size"] > MOST_BYTES:
                wrong["files"] = words("{name} is too large.", name=one_line(str(row.get("name")), 60))
        return wrong


def ask_view(books: Books, words: Words, about: About) -> View:
    """Return the form for a question."""
    blocks: list[Any] = [_typed("question", words("Question"), multiline=True, most=QUESTION)]
    if about.quoted:
        quoted = [{"type": "text", "text": defuse(one_line(about.quoted, 400))}]
        blocks.insert(
            0,
            {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": quoted}], "block_id": "quoted"},
        )
    blocks += _how(books, words)
    files = {"type": "file_input", "action_id": "files", "max_files": MOST_FILES}
    blocks += [_input("files", words("Files to read"), files, optional=True), _where(words, about)]
    return _form(ASK, words("Ask the committee"), words("Ask"), blocks, words, about)


def again_view(books: Books, words: Words, past: Collaboration, about: About) -> View:
    """Return the form for asking a past question once more, in another way."""
    text = {"type": "text", "text": defuse(one_line(past.question, 400)) or "…"}
    quote = {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [text]}]}
    blocks = [quote, *_how(books, words, past.committee)]
    return _form(AGAIN, words("Ask again"), words("Ask"), blocks, words, about)


def channel_view(books: Books, words: Words, here: Channel | None) -> View:
    """Return the form for the settings of a channel: empty until one is chosen."""
    select: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": "channel",
        "filter": {"include": ["public", "private"]},
    }
    if here is not None:
        select["initial_conversation"] = here.address.split(":")[2]
    chosen = _input("channel", words("Channel"), select) | {"dispatch_action": True}
    blocks = [chosen] if here is None else [chosen, *_settings(books, words, here)]
    about = About(channel=here.address.split(":")[2]) if here else About()
    return _form(CHANNEL, words("Settings"), words("Save"), blocks, words, about)


def notice(words: Words, text: str) -> View:
    """Return a window that says one sentence."""
    block = {"type": "section", "text": _plain(words(text), 3000)}
    return {
        "type": "modal",
        "title": _plain("Dexter", LABEL),
        "close": _plain(words("Close"), LABEL),
        "blocks": [block],
    }


def suggestions(names: Mapping[str, str], typed: str) -> list[Any]:
    """Return the options that have what was typed in them, as many as Slack takes."""
    near = {name: said for name, said in names.items() if typed.casefold() in name.casefold()}
    return [_option(name, name, said) for name, said in list(near.items())[:MOST_OPTIONS]]


def choices(books: Books, words: Words) -> dict[str, dict[str, str]]:
    """Return the names of committees and patterns, each with a word about it."""
    seats = {name: ", ".join(m.name for m in committee.seated) for name, committee in books.committees.items()}
    ways = {name: words(pattern.summary) for name, pattern in books.patterns.items()}
    return {"committee": seats, "pattern": {AUTO: words("Dexter picks one and says why"), **ways}}


def _how(books: Books, words: Words, committee: str = "", pattern: str = "") -> list[Any]:
    names = choices(books, words)
    return [
        _select("committee", words("Committee"), names["committee"], committee, words),
        _select("pattern", words("Pattern"), names["pattern"], pattern, words),
    ]


def _settings(books: Books, words: Words, here: Channel) -> list[Any]:
    listen = {"mention": words("What names it"), "every": words("Every message")}
    answers = {"on": words("In threads alone"), "off": words("In the channel as well")}
    return [
        *_how(books, words, here.committee, here.pattern),
        _select("listen", words("Dexter takes as a question"), {}, here.listen, words, listen),
        _select("threads", words("Answers are shown"), {}, "on" if here.thread_only else "off", words, answers),
        _typed("language", words("Language"), here.language, optional=True),
        _typed("quiet", words("Quiet hours"), here.quiet, optional=True),
        _typed("reaction", words("Emoji that asks the committee"), here.reaction, optional=True),
    ]


def _where(words: Words, about: About) -> Any:
    if about.channel and not about.channel.startswith("D"):
        options = [_option(HERE, words("Here")), _option(PRIVATE, words("In my direct messages"))]
        radio = {"type": "radio_buttons", "action_id": "where", "options": options, "initial_option": options[0]}
        return _input("where", words("Where the answer goes"), radio)
    select = {"type": "conversations_select", "action_id": "where", "filter": {"include": ["public", "private"]}}
    label = words("Channel for the answer; without one it comes in direct messages")
    return _input("where", label, select, optional=True)


def _form(name: str, title: str, submit: str, blocks: Sequence[Any], words: Words, about: About) -> View:
    return {
        "type": "modal",
        "callback_id": name,
        "title": _plain(title, LABEL),
        "submit": _plain(submit, LABEL),
        "close": _plain(words("Cancel"), LABEL),
        "private_metadata": about.kept(),
        "blocks": list(blocks),
    }


def _select(
    name: str, label: str, names: Mapping[str, str], now: str, words: Words, labels: Mapping[str, str] | None = None
) -> Any:
    options = [_option(each, each, said) for each, said in names.items()]
    options += [_option(each, said) for each, said in (labels or {}).items()]
    element: dict[str, Any] = {"type": "static_select", "action_id": name, "options": options}
    if len(options) > MOST_OPTIONS:
        element = {"type": "external_select", "action_id": name, "min_query_length": 0}
    element["placeholder"] = _plain(words("As is usual here"), 150)
    chosen = [option for option in options if option["value"] == now]
    return _input(name, label, element | ({"initial_option": chosen[0]} if chosen else {}), optional=True)


def _typed(
    name: str, label: str, now: str = "", *, multiline: bool = False, most: int = 200, optional: bool = False
) -> Any:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": multiline,
        "max_length": most,
    }
    return _input(name, label, element | ({"initial_value": now} if now else {}), optional=optional)


def _input(name: str, label: str, element: Mapping[str, Any], *, optional: bool = False) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": name,
        "label": _plain(label, 2000),
        "element": dict(element),
        "optional": optional,
    }


def _option(value: str, label: str, said: str = "") -> dict[str, Any]:
    option: dict[str, Any] = {"text": _plain(label, OPTION), "value": value}
    return option | ({"description": _plain(said, OPTION)} if said else {})


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": one_line(text, most) or "…", "emoji": False}
