"""Interactions: commands, menus, forms and buttons, each acknowledged within Discord's three seconds."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
import structlog

from bot.commands.command import Command
from bot.commands.past import listing
from bot.discord.commands import ACCEPTS, MESSAGE, USER, leaf
from bot.discord.completing import completed
from bot.discord.components import PREFIX
from bot.discord.details import asked
from bot.discord.form_files import LOOK_WITHIN, FormFiles
from bot.discord.forms import About, about_message, again_form, ask_form
from bot.discord.incoming import Intake
from bot.discord.places import tenant_of
from bot.discord.replies import NEVER_ARRIVES, lacking, respond
from bot.discord.said import Said, attachments, is_guest, request_of, said_in
from bot.discord.skill_forms import SkillForms, to_open
from bot.discord.turns import turned
from bot.discord.whispers import Whispers
from bot.shapes import Post, plain
from bot.words import Words, words_for
from core.errors import DexterError

ANSWER_WITHIN = 0.2
"""Seconds for a command before it is acknowledged without its answer."""
FINISH_WITHIN = 120.0
ASK = "ask"

log = structlog.get_logger("dexter.discord")

Interaction = discord.Interaction[Any]


class Interactions:
    """Answers interactions."""

    def __init__(self, commands: Sequence[Command], intake: Intake, whispers: Whispers) -> None:
        self._commands, self._intake, self._whispers = commands, intake, whispers
        self._skills = SkillForms()
        self._files = FormFiles()

    async def take(self, interaction: Interaction) -> None:
        """Take an interaction in."""
        if self._intake.handle is None:
            return
        words = words_for(str(interaction.locale))
        try:
            if interaction.type is discord.InteractionType.autocomplete:
                await self._complete(interaction)
            elif await self._opens(interaction, words):
                return
            elif (turn := asked(_pressed(interaction))) and self._intake.books:
                await turned(interaction, self._intake.books, _who(interaction), turn, words)
            elif _kind(interaction) == USER:
                await respond(interaction, await self._questions_of(interaction, words), hidden=True)
            elif said := said_in(interaction, self._commands):
                await self._answer(interaction, said, words)
        except NEVER_ARRIVES as error:
            log.warning("acknowledgement failed", key=str(interaction.id), error=type(error).__name__)

    async def _answer(self, interaction: Interaction, said: Said, words: Words) -> None:
        guest = is_guest(interaction)
        whispers = guest or said.private
        if not whispers and (
            post := lacking(interaction.app_permissions, interaction.guild_id, interaction.channel, words)
        ):
            await respond(interaction, post, hidden=True)
            return
        if whispers:
            self._whispers.keep(interaction)
        said = await self._files.given(interaction, said)
        work = asyncio.create_task(
            self._intake.answer(lambda: request_of(interaction, said, self._intake.attachments), words)
        )
        await asyncio.wait({work}, timeout=ANSWER_WITHIN)
        in_the_open = guest and not said.private and said.text.split(" ", 1)[0] in ACCEPTS
        if not work.done():
            await interaction.response.defer(ephemeral=not in_the_open, thinking=True)
            await asyncio.wait({work}, timeout=FINISH_WITHIN)
        post = work.result() if work.done() else plain(_slow(words), private=True, failed=True)
        post = self._skills.answered(interaction, post, words)
        if post is not None:
            await respond(interaction, post, hidden=post.private or said.private)
        elif not (whispers and interaction.response.is_done()):  # else its answer takes that place
            accepted = _accepted(words, whispers, task=said.text.startswith(("skill ", "campaign ")))
            await respond(interaction, plain(accepted, private=True), hidden=not in_the_open)

    def _form(self, interaction: Interaction, words: Words) -> discord.ui.Modal | None:
        """Return the form that this opens, if it does."""
        data: Any = interaction.data or {}
        most = self._intake.attachments.limits.count
        if interaction.type is discord.InteractionType.component:
            verb, _, rest = _pressed(interaction).partition(" ")
            run, _, choose = rest.partition(" ")
            opens = verb == "again" and choose == "--choose" and self._intake.books
            return again_form(words, self._intake.books, run) if opens else None
        if _kind(interaction) == MESSAGE:
            about = about_message(data)
            message = (data["resolved"]["messages"]).get(str(about.subject)) or {}
            subject = self._files.remember(about.subject, attachments(interaction, message.get("attachments") or ()))
            return ask_form(words, self._intake.books, replace(about, subject=subject), most)
        name, rows = leaf(data)
        values = {row["name"]: row.get("value") for row in rows}
        if _kind(interaction) is None or name != ASK or str(values.get("question") or "").strip():
            return None
        files = (data.get("resolved") or {}).get("attachments") or {}
        subject = self._files.remember(interaction.id, attachments(interaction, files.values()))
        return ask_form(words, self._intake.books, About(subject, values=values), most)

    async def _opens(self, interaction: Interaction, words: Words) -> bool:
        """Open the form that this asks for; what stands in its way is said. False where it asks for none."""
        if form := self._form(interaction, words):
            await interaction.response.send_modal(form)
            return True
        books, run = self._intake.books, to_open(interaction)
        if not run or books is None:
            return False
        try:
            form = await self._skills.form(books, _who(interaction), interaction.user.id, run, words)
            await interaction.response.send_modal(form)
        except DexterError as error:
            await respond(interaction, plain(words.error(error), private=True, failed=True), hidden=True)
        return True

    async def _complete(self, interaction: Interaction) -> None:
        data: Any = interaction.data or {}
        books = self._intake.books
        choices = await completed(data, self._commands, books, _who(interaction)) if books else []
        await interaction.response.autocomplete(choices)

    async def _questions_of(self, interaction: Interaction, words: Words) -> Post:
        """Return what a person has asked, for whoever may look at that."""
        data: Any = interaction.data or {}
        target = str(data.get("target_id", ""))
        people = (data.get("resolved") or {}).get("users") or {}
        user = people.get(target) or {}
        name = str(user.get("global_name") or user.get("username") or target)
        if self._intake.books is None:
            return plain(_slow(words), private=True, failed=True)
        try:
            async with asyncio.timeout(LOOK_WITHIN):
                found = await self._intake.books.recent(*_who(interaction), asker=f"discord:{target}")
        except TimeoutError:
            return plain(_slow(words), private=True, failed=True)
        except DexterError as error:
            return plain(words.error(error), private=True, failed=True)
        return listing(words("Asked by {name}", name=name), found, words)


def _pressed(interaction: Interaction) -> str:
    """Return what a button of ours stands for; nothing where no such button was pressed."""
    data: Any = interaction.data or {}
    name = str(data.get("custom_id", "")) if interaction.type is discord.InteractionType.component else ""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""


def _kind(interaction: Interaction) -> int | None:
    """Return the type of an application command: typed, on a person, on a message."""
    if interaction.type is not discord.InteractionType.application_command:
        return None
    data: Any = interaction.data or {}
    return int(data.get("type", 1))


def _who(interaction: Interaction) -> tuple[str, str, str]:
    """Return the tenant, the person and their name."""
    guild = None if is_guest(interaction) else interaction.guild_id
    person = interaction.user
    return tenant_of(guild, person.id), f"discord:{person.id}", person.display_name


def _accepted(words: Words, whispers: bool, *, task: bool) -> str:
    if task:
        return words("It is being worked on. What comes of it is shown as soon as it is there.")
    if not whispers:
        return words("The committee is at work; its answer comes in the thread.")
    return words("The committee is at work. Its answer comes here; after 14 minutes, in our direct messages.")


def _slow(words: Words) -> str:
    return words("This takes longer than it should. `/dexter status` says how Dexter is doing; please try again later.")
