"""Forms made from a schema, for running a skill or steering a campaign: opened, checked, and taken as a request."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.filled import checked
from bot.forms import HINTS, REST, Field, Form
from bot.overview import Books
from bot.slack import fields, modals, units
from bot.slack.arrival import Arrival, Body, Entrance
from bot.slack.fields import MOST_OPTIONS, OPTION
from bot.slack.modals import LABEL, View, notice
from bot.slack.mrkdwn import one_line
from bot.slack.place import Place
from bot.slack.windows import Windows, user_of
from bot.words import Words
from core.errors import DexterError, Unavailable

RUN = "dexter:run"
"""The form's `callback_id`."""
MOST = 45
"""Fields of one form: Slack takes 100 blocks, and the answers have to fit into one request."""
TYPED, HINT = 3000, 150
"""Characters of a field, and of what stands below it."""
PREFIX = "in:"
"""Of the names of fields, which a skill has given."""


class SkillForms:
    """Opens the forms of commands, and takes what was filled in."""

    def __init__(self, entrance: Entrance, windows: Windows, books: Books | None) -> None:
        self._in, self._windows, self._books = entrance, windows, books

    async def open(self, body: Body, place: Place | None, command: str) -> None:
        """Open the form of a command."""
        await self._windows.open(body, place, self._view(user_of(body), place, command))

    async def on_sent(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a form: what is wrong is said beside its field, and what is right becomes a request."""
        view, user = body["view"], user_of(body)
        words = await self._in.words(user)
        sent, about = modals.Form.of(view), modals.About.of(view)
        try:
            form = (await self._form(user, about.run)).within(MOST)
        except DexterError as error:
            await ack(response_action="update", view=notice(words, words.error(error)))
            return
        given = {field.name: _given(sent, at) for at, field in enumerate(form.fields)} if sent else {}
        wrong = await checked(form.schema, given)
        if said := _beside(form, {name: words.say(why) for name, why in wrong.items()}):
            await ack(response_action="errors", errors=said)
            return
        await self._in.take(lambda: self._sent(view, user, about, form.line(given)), 0.0)
        await ack()

    async def _form(self, user: str, command: str) -> Form:
        if self._books is None:
            raise Unavailable("Dexter is still starting. Please try again in a moment.")
        person = await self._in.names.person(user)
        return await self._books.opened(
            self._in.me.tenant, f"slack:{user}", person.name, command, await self._in.words(user)
        )

    async def _view(self, user: str, place: Place | None, command: str) -> View:
        form, words = await self._form(user, command), await self._in.words(user)
        run = form.command
        about = modals.About(place.channel, place.thread or "", run=run) if place else modals.About(run=run)
        return run_view(form.within(MOST), words, about)

    async def _sent(self, view: Body, user: str, about: modals.About, text: str) -> Arrival | None:
        place, elsewhere = await self._place(user, about)
        if place is None:
            return None
        made = await self._in.arrival(str(view.get("id")), user, place, "")
        return replace(made, request=replace(made.request, text=text), elsewhere=elsewhere)

    async def _place(self, user: str, about: modals.About) -> tuple[Place | None, bool]:
        """Return where the result goes, and whether that is elsewhere than the form was opened."""
        if about.channel and not about.channel.startswith("D"):
            home = await self._in.reach.home(about.channel, user)
            return Place(home, (about.thread or None) if home == about.channel else None), home != about.channel
        return await self._in.private(user), False


def run_view(form: Form, words: Words, about: modals.About) -> View:
    """Return the form as a modal."""
    blocks = [units.context(one_line(form.description, 1000) or form.title).block]
    blocks += [_block(f"{PREFIX}{at}", field, words) for at, field in enumerate(form.fields)]
    if not form.fields:
        blocks.append(units.context(words("It takes no input.")).block)
    return {
        "type": "modal",
        "callback_id": RUN,
        "title": fields.plain(form.title, LABEL),
        "submit": fields.plain(words(form.submit), LABEL),
        "close": fields.plain(words("Cancel"), LABEL),
        "private_metadata": about.kept(),
        "blocks": blocks,
    }


def _block(name: str, field: Field, words: Words) -> dict[str, Any]:
    label = words("All else, as JSON") if field.name == REST else field.called
    made = fields.field(name, label, _element(name, field, words), optional=not field.required)
    written = HINTS[field.kind]
    hint = " · ".join(filter(None, (field.hint, words(written) if written else "")))
    return made | ({"hint": fields.plain(hint, HINT)} if hint else {})


def _element(name: str, field: Field, words: Words) -> dict[str, Any]:
    """Return what is filled in; what has limits of its own is checked as it is sent."""
    match field.kind:
        case "choice" if 0 < len(field.choices) <= MOST_OPTIONS and all(0 < len(c) <= OPTION for c in field.choices):
            return _select(name, {choice: choice for choice in field.choices}, field.initial)
        case "boolean":
            return _select(name, {"true": words("yes"), "false": words("no")}, field.initial)
        case "date":
            return {"type": "datepicker", "action_id": name}
        case _:
            several = field.kind in ("long", "list", "json")
            element = {"type": "plain_text_input", "action_id": name, "multiline": several, "max_length": TYPED}
            return element | ({"initial_value": field.initial[:TYPED]} if field.initial else {})


def _select(name: str, choices: Mapping[str, str], now: str) -> dict[str, Any]:
    options = [fields.option(value, label) for value, label in choices.items()]
    chosen = [option for option in options if option["value"] == now]
    element = {"type": "static_select", "action_id": name, "options": options}
    return element | ({"initial_option": chosen[0]} if chosen else {})


def _given(sent: modals.Form, at: int) -> str:
    """Return what was filled in for a field; a date has a place of its own."""
    filled = sent.values.get(f"{PREFIX}{at}", {})
    return str(filled.get("selected_date") or "") or sent.text(f"{PREFIX}{at}")


def _beside(form: Form, wrong: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong by the name of its field in the form; what belongs to none stands at the first."""
    names = {field.name: f"{PREFIX}{at}" for at, field in enumerate(form.fields)}
    return {names.get(name, f"{PREFIX}0"): why for name, why in wrong.items()} if names else {}
