"""The forms as Block Kit, and what a person has filled into them: https://docs.slack.dev/surfaces/modals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.overview import Books
from bot.settings import Documents
from bot.slack.fields import field, option, plain, select, typed
from bot.slack.mrkdwn import one_line
from bot.slack.rich import text_element
from bot.words import Words
from core.entities import Channel, Collaboration

View = dict[str, Any]

ASK, AGAIN, CHANNEL = "dexter:ask", "dexter:again", "dexter:channel"
"""The forms, by their `callback_id`."""

QUESTION = 3000
"""Characters that Slack takes in one field; a longer question comes as a message or a file."""
QUOTED = 1500
"""Characters of a message that are kept in the form about it: Slack takes 3,000 for all that a form remembers."""
LABEL = 24
"""Characters of a title and of the buttons below."""
MOST_FILES = 10
"""Files that Slack takes in one field."""
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
        filled = self.values.get(name, {})
        chosen = (filled.get("selected_option") or {}).get("value") or filled.get("selected_conversation")
        return str(filled.get("value") or chosen or "").strip()

    @property
    def files(self) -> list[Mapping[str, Any]]:
        """The files that were added."""
        return [row for row in self.values.get("files", {}).get("files") or () if isinstance(row, Mapping)]

    def options(self) -> str:
        """Return the committee and the pattern as they are typed behind a command."""
        given = ((name, self.text(name)) for name in ("committee", "pattern"))
        return "".join(f'--{name} "{value}" ' for name, value in given if value)

    def errors(self, books: Books, words: Words, limits: Documents) -> dict[str, str]:
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
        if len(self.files) > limits.count:
            wrong["files"] = words("At most {count} files.", count=limits.count)
        for row in self.files:
            if isinstance(row.get("size"), int) and row["size"] > limits.bytes:
                wrong["files"] = words("{name} is too large.", name=one_line(str(row.get("name")), 60))
        return wrong


def ask_view(books: Books, words: Words, about: About, limits: Documents) -> View:
    """Return the form for a question."""
    blocks: list[Any] = [typed("question", words("Question"), multiline=True, most=QUESTION)]
    if about.quoted:
        blocks.insert(0, _quote(about.quoted))
    blocks += _how(books, words)
    files = {"type": "file_input", "action_id": "files", "max_files": min(limits.count, MOST_FILES)}
    blocks += [field("files", words("Files to read"), files, optional=True), _where(words, about)]
    return _form(ASK, words("Ask the committee"), words("Ask"), blocks, words, about)


def again_view(books: Books, words: Words, past: Collaboration, about: About) -> View:
    """Return the form for asking a past question once more, in another way."""
    blocks = [_quote(past.question), *_how(books, words, past.committee)]
    return _form(AGAIN, words("Ask again"), words("Ask"), blocks, words, about)


def channel_view(books: Books, words: Words, here: Channel | None) -> View:
    """Return the form for the settings of a channel: empty until one is chosen."""
    picker: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": "channel",
        "filter": {"include": ["public", "private"]},
    }
    if here is not None:
        picker["initial_conversation"] = here.address.split(":")[2]
    chosen = field("channel", words("Channel"), picker) | {"dispatch_action": True}
    blocks = [chosen] if here is None else [chosen, *_settings(books, words, here)]
    about = About(channel=here.address.split(":")[2]) if here else About()
    return _form(CHANNEL, words("Settings"), words("Save"), blocks, words, about)


def notice(words: Words, text: str) -> View:
    """Return a window that says one sentence."""
    block = {"type": "section", "text": plain(words(text), 3000)}
    return {
        "type": "modal",
        "title": plain("Dexter", LABEL),
        "close": plain(words("Close"), LABEL),
        "blocks": [block],
    }


def choices(books: Books, words: Words) -> dict[str, dict[str, str]]:
    """Return the names of committees and patterns, each with a word about it."""
    seats = {name: ", ".join(m.name for m in committee.seated) for name, committee in books.committees.items()}
    ways = {name: words(pattern.summary) for name, pattern in books.patterns.items()}
    return {"committee": seats, "pattern": {AUTO: words("Dexter picks one and says why"), **ways}}


def _quote(text: str) -> Any:
    said = text_element(one_line(text, 400) or "…")
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [said]}]}


def _how(books: Books, words: Words, committee: str = "", pattern: str = "") -> list[Any]:
    names = choices(books, words)
    return [
        select("committee", words("Committee"), names["committee"], committee, words),
        select("pattern", words("Pattern"), names["pattern"], pattern, words),
    ]


def _settings(books: Books, words: Words, here: Channel) -> list[Any]:
    listen = {"mention": words("What names it"), "every": words("Every message")}
    answers = {"on": words("In threads alone"), "off": words("In the channel as well")}
    return [
        *_how(books, words, here.committee, here.pattern),
        select("listen", words("Dexter takes as a question"), {}, here.listen, words, listen),
        select("threads", words("Answers are shown"), {}, "on" if here.thread_only else "off", words, answers),
        typed("language", words("Language"), here.language, optional=True),
        typed("quiet", words("Quiet hours"), here.quiet, optional=True),
        typed("reaction", words("Emoji that asks the committee"), here.reaction, optional=True),
    ]


def _where(words: Words, about: About) -> Any:
    if about.channel and not about.channel.startswith("D"):
        options = [option(HERE, words("Here")), option(PRIVATE, words("In my direct messages"))]
        radio = {"type": "radio_buttons", "action_id": "where", "options": options, "initial_option": options[0]}
        return field("where", words("Where the answer goes"), radio)
    picker = {"type": "conversations_select", "action_id": "where", "filter": {"include": ["public", "private"]}}
    label = words("Channel for the answer; without one it comes in direct messages")
    return field("where", label, picker, optional=True)


def _form(name: str, title: str, submit: str, blocks: Sequence[Any], words: Words, about: About) -> View:
    return {
        "type": "modal",
        "callback_id": name,
        "title": plain(title, LABEL),
        "submit": plain(submit, LABEL),
        "close": plain(words("Cancel"), LABEL),
        "private_metadata": about.kept(),
        "blocks": list(blocks),
    }
