"""The forms: a question, the same question in another way, the settings of a channel."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.overview import Books
from bot.shapes import Attachment
from bot.slack import fields, modals
from bot.slack.arrival import Arrival, Body, Entrance
from bot.slack.context import with_context
from bot.slack.modals import About, Form, View
from bot.slack.place import Place
from bot.slack.windows import Windows, user_of
from bot.words import key
from core.errors import BadRequest, Unavailable

STALE = key("That form is from before Dexter was changed. Please open it once more.")
NEWEST = "9999999999.999999"
"""A time stamp behind all messages."""


class Asking:
    """Opens forms, and takes what was filled in."""

    def __init__(self, entrance: Entrance, windows: Windows, books: Books | None) -> None:
        self._in, self._windows, self._books = entrance, windows, books

    async def open(self, body: Body, place: Place | None, quoted: str = "") -> None:
        """Open the form for a question, about a message where one is `quoted`."""
        about = About(place.channel, place.thread or "", quoted) if place else About()
        await self._windows.open(body, place, self._ask_form(user_of(body), about))

    async def open_again(self, body: Body, place: Place | None, run: str) -> None:
        """Open the form for asking a past question in another way."""
        about = About(place.channel, place.thread or "", run=run) if place else About(run=run)
        await self._windows.open(body, place, self._again_form(user_of(body), about))

    async def open_channel(self, body: Body, place: Place | None) -> None:
        """Open the form for the settings of a channel."""
        await self._windows.open(body, place, self._channel_form(user_of(body), place))

    async def on_channel_chosen(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Show the settings of the channel that was chosen in the form."""
        channel = str(body["actions"][0].get("selected_conversation") or "")
        await self._windows.change(body, self._channel_form(user_of(body), Place(channel) if channel else None))
        await ack()

    async def on_sent(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a form: what is wrong is said beside its field, and what is right becomes a request."""
        view, user = body["view"], user_of(body)
        form, about, words = Form.of(view), About.of(view), await self._in.words(user)
        if form is None or self._books is None:
            await ack(response_action="update", view=modals.notice(words, STALE))
            return
        if wrong := form.errors(self._books, words, self._in.files.limits):
            await ack(response_action="errors", errors=wrong)
            return
        await self._in.take(lambda: self._sent(view, user, form, about), 0.0)
        await ack()

    async def on_typed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Suggest committees or patterns, where there are too many for a list."""
        names: Mapping[str, str] = {}
        if self._books is not None:
            names = modals.choices(self._books, await self._in.words(user_of(body))).get(str(body.get("action_id")), {})
        await ack(options=fields.suggestions(names, str(body.get("value") or "")))

    async def _ask_form(self, user: str, about: About) -> View:
        return modals.ask_view(self._open_books(), await self._in.words(user), about, self._in.files.limits)

    async def _again_form(self, user: str, about: About) -> View:
        books, words, name = self._open_books(), await self._in.words(user), (await self._in.names.person(user)).name
        past, _ = await books.whole(self._in.me.tenant, f"slack:{user}", name, about.run)
        return modals.again_view(books, words, past, about)

    async def _channel_form(self, user: str, place: Place | None) -> View:
        books, words = self._open_books(), await self._in.words(user)
        if place is None or place.channel.startswith("D"):
            return modals.channel_view(books, words, None)
        address, name = self._in.me.address(Place(place.channel)), (await self._in.names.person(user)).name
        return modals.channel_view(
            books, words, await books.channel(self._in.me.tenant, f"slack:{user}", name, address)
        )

    def _open_books(self) -> Books:
        if self._books is None:
            raise Unavailable("Dexter is still starting. Please try again in a moment.")
        return self._books

    async def _sent(self, view: Body, user: str, form: Form, about: About) -> Arrival:
        if view.get("callback_id") == modals.CHANNEL:
            return await self._settings(view, user, form, about)
        place, elsewhere = await self._place(user, form, about)
        command = f"ask {form.options()}-- {form.text('question')}"
        if view.get("callback_id") == modals.AGAIN:
            command = f"again {about.run} {form.options()}"
        made = await self._in.arrival(str(view.get("id")), user, place, "")
        request = replace(made.request, text=command.strip())
        request = await with_context(self._in, request, place, _event(form, place))
        if about.quoted:
            quoted = Attachment("the message asked about", about.quoted)
            request = replace(request, attachments=(quoted, *request.attachments))
        return replace(made, request=request, elsewhere=elsewhere)

    async def _place(self, user: str, form: Form, about: About) -> tuple[Place, bool]:
        """Return where the answer goes, and whether that is elsewhere than the person wanted."""
        where = form.text("where")
        wanted = about.channel if where in ("", modals.HERE) else where
        if where != modals.PRIVATE and wanted and not wanted.startswith("D"):
            home = await self._in.reach.home(wanted, user)
            thread = about.thread if wanted == about.channel else ""
            return Place(home, (thread or None) if home == wanted else None), home != wanted
        private = await self._in.private(user)
        if private is None:
            raise BadRequest("Slack does not open direct messages just now. Please try again.")
        return private, False

    async def _settings(self, view: Body, user: str, form: Form, about: About) -> Arrival:
        channel = form.text("channel") or about.channel
        made = await self._in.arrival(str(view.get("id")), user, Place(channel), "")
        private = await self._in.private(user)
        text = "here " + here_options(form)
        return replace(made, request=replace(made.request, text=text.strip()), place=private or made.place)


def here_options(form: Form) -> str:
    """Return a channel's settings as they are typed behind `here`."""
    names = ("committee", "pattern", "listen", "threads", "language", "quiet", "reaction")
    shown = {name: form.text(name).replace('"', "") or "default" for name in names if name in form.values}
    return " ".join(f'--{name} "{value}"' for name, value in shown.items())


def _event(form: Form, place: Place) -> dict[str, Any]:
    """Return a form's files and thread as those of a message."""
    return {"files": form.files, "thread_ts": place.thread, "ts": NEWEST}
