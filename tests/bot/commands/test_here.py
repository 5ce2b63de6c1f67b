"""What is set for a channel: shown to all, set by those who may, and followed by what is asked there."""

from bot.shapes import Buttons
from core.entities import Channel
from core.events import Asked
from tests.bot.commands.conftest import written


async def test_a_channel_shows_what_holds_there_and_where_it_comes_from(desk):
    shown = await desk.reads("here", person="slack:U1")
    assert "committee | default | Dexter's default" in shown
    assert "pattern | quick | the committee default" in shown
    assert "language | everyone's own | each person's own settings" in shown
    assert "An operator or an administrator can change this." in shown


async def test_what_an_operator_sets_is_kept_and_shown_as_set_here(desk):
    shown = await desk.reads(
        'here --committee ops --pattern debate --listen every --threads off --language de '
        '--quiet "22:00-07:00 Europe/Berlin" --reaction :scales:'
    )  # fmt: skip
    assert await desk.channel() == Channel(
        tenant="slack:T1", address="slack:T1:C1", committee="ops", pattern="debate", listen="every", thread_only=False,
        language="de", quiet="22:00-07:00 Europe/Berlin", reaction="scales",
    )  # fmt: skip
    assert "committee | ops | set here" in shown
    german = await desk.reads("here", address="slack:T1:C1:169.1")
    assert "Gremium | ops | hier eingestellt" in german
    assert "Ruhezeiten | 22:00-07:00 Europe/Berlin" in german


async def test_one_setting_or_all_can_be_put_back(desk):
    await desk.type("here --committee ops --quiet '22-7 UTC' --language Deutsch --threads off")
    await desk.type("here --quiet off --language default")
    kept = await desk.channel()
    assert (kept.committee, kept.quiet, kept.language, kept.thread_only) == ("ops", "", "", False)
    await desk.type("here --reset --pattern debate")
    kept = await desk.channel()
    assert (kept.committee, kept.pattern, kept.thread_only) == ("", "debate", True)


REFUSED = {
    "here --committee opz": "I know no committee “opz”. Did you mean ops?",
    "here --pattern dance": "I know no pattern “dance”.",
    "here --listen sometimes": "`--listen` can be mention or every, not “sometimes”.",
    "here --threads maybe": "`--threads` can be on or off, not “maybe”.",
    "here --language fr": "I do not speak “fr”. There is en or de",
    'here --quiet "22:00-07:00"': "in which time zone",
    'here --quiet "22:00-07:00 Mars/Base"': "I know no time zone “Mars/Base”.",
    "here --quiet 22:00-07:00 Europe/Berlin": "a value of several words needs quotes",
    'here --reaction "not an emoji"': "“not an emoji” is no emoji.",
    "here --comittee ops": "Did you mean --committee",
    "here --quiet": "`--quiet` needs a value behind it",
}


async def test_what_cannot_be_set_is_refused_with_a_sentence_and_changes_nothing(desk):
    for typed, says in REFUSED.items():
        post = await desk.type(typed)
        assert post.failed, typed
        assert says in written(post)
    assert await desk.channel() == Channel(tenant="slack:T1", address="slack:T1:C1")


async def test_who_may_not_set_is_told_who_may(desk):
    said = await desk.reads("here --committee ops", person="slack:U1")
    assert said.startswith("You may not change how Dexter behaves in a channel: your role here is member")
    german = await desk.reads("here --committee ops", person="slack:U1", locale="de-DE")
    assert german.startswith("Dafür fehlt das Recht „einstellen, wie sich Dexter in einem Kanal verhält“")
    assert (await desk.channel()).committee == ""


async def test_a_question_that_begins_with_here_is_still_a_question(desk):
    events = await desk.ask("here we go: should we move?")
    assert next(e.body for e in events if isinstance(e.body, Asked)).question == "here we go: should we move?"


async def test_a_question_follows_the_channel_where_the_person_says_nothing(desk):
    await desk.type("here --committee ops --pattern solo --language de --threads off")
    (asked,) = [e.body for e in await desk.ask("Should we move?") if isinstance(e.body, Asked)]
    assert (asked.committee, asked.pattern, asked.language) == ("ops", "solo", "de")
    (answer,) = desk.chat.slot("answer")
    assert answer.post.broadcast
    assert answer.post.language == "de"
    labels = [button.label for part in answer.post.parts if isinstance(part, Buttons) for button in part.buttons]
    wanted = ["Kopieren", "Details", "Noch einmal", "Noch einmal mit …", "Daraus einen Skill machen", "Gut", "Schlecht"]
    assert labels == wanted
    (asked,) = [e.body for e in await desk.ask("Why? --committee default --pattern quick") if isinstance(e.body, Asked)]
    assert (asked.committee, asked.pattern) == ("default", "quick")


async def test_without_a_language_of_the_channel_everyone_is_answered_in_their_own(desk):
    await desk.ask("Should we move?", locale="de-AT")
    await desk.ask("Should we stay?", locale="en-GB")
    german, english = sorted(desk.chat.slot("answer"), key=lambda shown: shown.post.language)
    assert "Die gewählte Antwort, von ann und bob." in [getattr(part, "text", "") for part in german.post.parts]
    assert "The winning answer, by ann and bob." in [getattr(part, "text", "") for part in english.post.parts]
    assert not german.post.broadcast
    questions = [shown.post.parts[0].markdown for shown in desk.chat.slot("question")]
    assert sorted(questions) == ["**Ann** asks: Should we stay?", "**Ann** fragt: Should we move?"]


async def test_in_quiet_hours_only_the_question_and_the_answer_are_posted(desk):
    hours = ("00:00-12:00 UTC", "12:00-00:00 UTC")
    await desk.type(f'here --quiet "{hours[0]}"')
    quiet = "(now)" in await desk.reads("here")
    await desk.type(f'here --quiet "{hours[0] if quiet else hours[1]}"')
    await desk.ask("Should we move?")
    assert [shown.key.rpartition(":")[2] for shown in desk.chat.messages.values()] == ["question", "answer"]


async def test_a_committee_that_is_set_but_gone_is_said_with_the_way_out(desk):
    await desk.app.desk.store.keep_channel(Channel(tenant="slack:T1", address="slack:T1:C1", committee="gone"))
    said = await desk.reads("Should we move?")
    assert "“gone”, which is set for this channel, is no longer there" in said
    assert "`here --committee`" in said


async def test_the_settings_are_data_for_machines(desk):
    post = await desk.type("here --language de")
    assert post.data["language"] == "de"
