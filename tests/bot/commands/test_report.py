"""`report` in a chat: shown, previewed, sent and exported, each with the rights of who asks."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.app import running
from bot.settings import Settings
from bot.shapes import Attached, Heading, Table
from core.adapters.scripted_model import ScriptedModel
from core.entities import run_id
from core.events import Event, Proposal
from core.ports import Prompt
from core.skills.results import Done
from tests.bot.commands.conftest import MEMBERS, TENANT, Desk, written
from tests.doubles.committee_world import ballot, shown
from tests.doubles.recording_chat import RecordingChat
from tests.doubles.smtp_server import mail_server

GOOD = "Nothing but good news."
DM = "slack:T1:D1"


def committee(*summaries):
    """Members that answer questions, and write one summary after another."""
    waiting = {member["name"]: [*summaries] for member in MEMBERS}

    def reply(prompt: Prompt) -> str:
        if prompt.reply_schema is not None:
            return ballot(*shown(prompt))
        who = prompt.model.removeprefix("scripted/")
        if "Summarise the report" in prompt.messages[1].content:
            return waiting[who].pop(0) if len(waiting[who]) > 1 else waiting[who][0]
        return "Move."

    return ScriptedModel(reply)


@pytest.fixture
def reporting(tmp_path):
    @asynccontextmanager
    async def open_with(*summaries, **settings):
        tables = {"default": {"members": MEMBERS, "pattern": "quick"}}
        people = {"roles": {"slack:OPS": "operator", "slack:GST": "guest"}}
        made = Settings(home=tmp_path, committees=tables, people=people, **settings)
        chat = RecordingChat()
        async with running(made, chats={"slack": chat}, model=committee(*(summaries or (GOOD,)))) as app:
            yield Reader(app, chat)

    return open_with


class Reader(Desk):
    """A person who has reports made."""

    async def report(self, text, **kwargs):
        """Have a report made; return its end and what the chat was shown, once it was."""
        post = await self.type(text, **kwargs)
        assert post is None, written(post)
        run = run_id(TENANT, self.key)
        async for item in self.app.live.follow(self.app.desk.store, TENANT, run):
            if isinstance(item, Event) and isinstance(item.body, Done):
                break
        await self.chat.until(lambda: self.post(run, "answer") is not None)
        return item.body, run

    def post(self, run, slot):
        return next((s.post for s in self.chat.messages.values() if s.key == f"{run}:{slot}"), None)

    def address(self, run, slot):
        return next(s.address for s in self.chat.messages.values() if s.key == f"{run}:{slot}")


@pytest.fixture
async def desk(reporting):
    async with reporting() as desk:
        yield desk


async def test_a_report_is_made_summed_up_and_shown_with_its_pictures(desk):
    await desk.ask("Should we move?")
    done, run = await desk.report("report show collaborations today")
    report = done.report
    assert (report.summary, report.remark, done.passed) == (GOOD, "", None)
    assert report.figures["questions"].value == 1
    post = desk.post(run, "answer")
    read = written(post)
    assert read.startswith("What was asked, ")
    assert GOOD in read
    assert "A summary by the committee (" in read
    assert "Should we move?" in read
    (picture,) = (part for part in post.parts if isinstance(part, Attached))
    assert picture.content.startswith(b"\x89PNG")
    assert picture.alt.startswith("Questions by day.")
    head = desk.post(run, "question")
    assert [type(part) for part in head.parts][:1] == [Heading]
    assert "in the thread" in written(head)
    members = {e.body.member for e in await desk.app.desk.store.history(TENANT, run) if isinstance(e.body, Proposal)}
    assert members == {"ann", "bob", "cat"}
    spent = await desk.app.desk.store.spent(TENANT, asker="slack:OPS", day=report.made_at.date())
    assert spent.calls == 6  # the question and the summary, both charged to who asked


async def test_a_kind_alone_shows_it_and_none_lists_them(desk):
    done, _ = await desk.report("report adoption this week --plain")
    assert (done.report.kind, done.report.summary) == ("adoption", "")
    read = await desk.reads("report")
    assert all(
        kind in read for kind in ("collaborations", "models", "skills", "usage", "adoption", "service", "campaign")
    )


async def test_a_summary_with_a_number_that_is_not_there_is_asked_for_again(reporting):
    async with reporting("There were 77 questions.", "There was a question.") as desk:
        await desk.ask("Should we move?")
        done, run = await desk.report("report show collaborations today")
        assert done.report.summary == "There was a question."
        keys = [event.key for event in await desk.app.desk.store.history(TENANT, run)]
        assert any(key.startswith("summary:2:") for key in keys)


async def test_two_such_summaries_leave_dexter_s_own_words_and_the_report_says_so(reporting):
    async with reporting("There were 77 questions.") as desk:
        done, run = await desk.report("report show models today")
        assert done.report.summary == ""
        assert "not in the data (77)" in written(desk.post(run, "answer"))


async def test_a_preview_is_for_the_person_alone_and_asks_no_model(desk):
    post = await desk.type("report preview service this month")
    assert post.private
    assert not post.failed
    assert any(isinstance(part, Table) for part in post.parts)
    assert await desk.app.desk.store.calls(TENANT) == []
    assert post.data["kind"] == "service"


async def test_members_see_their_own_spending_operators_everybody_s_and_guests_none(desk):
    await desk.ask("Should we move?", person="slack:U2")
    await desk.ask("Should we stay?", person="slack:U3")
    own = (await desk.type("report preview usage today", person="slack:U2")).data
    everybody = (await desk.type("report preview usage today")).data
    people = [[row for section in r["sections"] if section["table"] and section["table"]["name"] == "people"
               for row in section["table"]["rows"]] for r in (own, everybody)]  # fmt: skip
    assert [len(each) for each in people] == [1, 2]
    assert "You may not have reports made" in await desk.reads("report preview usage", person="slack:GST")


async def test_what_was_asked_in_private_is_in_no_report_that_others_read(desk):
    await desk.ask("Should I resign?", address=f"{DM}:1.1", person="slack:U2")
    mine = await desk.reads("report preview collaborations today", person="slack:U2")
    assert "Should I resign?" in mine
    for person, address in (("slack:U2", "slack:T1:C1"), ("slack:OPS", f"{DM}:2.2")):
        done, _ = await desk.report("report show collaborations today --plain", person=person, address=address)
        assert done.report.figures["questions"].value == 1
        assert "resign" not in done.report.model_dump_json()


async def test_a_report_is_sent_to_a_channel_that_the_person_named(desk):
    text = "report send models today --plain --to #ops"
    done, run = await desk.report(text, channels={"#ops": "slack:T1:C9"})
    assert desk.address(run, "question") == "slack:T1:C9"
    assert done.report.kind == "models"


async def test_a_report_is_mailed_to_those_who_may_get_mail(reporting):
    async with mail_server() as box:
        mail = {"host": "127.0.0.1", "port": box.port, "tls": "none", "sender": "dexter@example.org"}
        async with reporting(mail={**mail, "allowed": ["example.org"]}) as desk:
            text = 'report send collaborations today --as csv --to "ada@example.org, bob@example.org"'
            done, run = await desk.report(text)
            refused = await desk.reads("report send models today --to eve@evil.example")
    assert sorted(letter["To"] for letter in box.letters) == ["ada@example.org", "bob@example.org"]
    assert done.passed is True
    assert "It was sent to ada@example.org. It was sent to bob@example.org." in written(desk.post(run, "answer"))
    assert GOOD in box.letters[0].get_body(("plain",)).get_content()
    assert "Nothing is sent to eve@evil.example" in refused


async def test_mail_that_nobody_takes_is_told_under_the_report_which_is_shown_all_the_same(reporting):
    async with mail_server() as box:
        box.moods = ["refuse"] * 9
        mail = {"host": "127.0.0.1", "port": box.port, "tls": "none", "sender": "dexter@example.org"}
        async with reporting(mail={**mail, "allowed": ["example.org"]}) as desk:
            done, run = await desk.report("report send models today --plain --to ada@example.org")
            read = written(desk.post(run, "answer"))
    assert (done.passed, desk.post(run, "answer").failed) == (False, True)
    assert "554 5.7.1 No letters of this sort" in read


async def test_an_export_goes_into_the_folder_that_the_administrator_named(reporting, tmp_path):
    async with reporting(reports={"folder": tmp_path / "out"}) as desk:
        done, _ = await desk.report("report export models today --plain --as csv,parquet,pdf --to weekly")
        assert "cannot" not in await desk.reads("report export models today --to ../..")
    assert done.passed
    names = sorted(path.name.split("-")[-1] for path in (tmp_path / "out" / "weekly").iterdir())
    assert {"pdf", "txt"} <= {name.rpartition(".")[2] for name in names}


async def test_an_export_gives_its_files_with_the_post(desk):
    await desk.ask("Should we move?")
    _, run = await desk.report("report export collaborations today --plain --as csv,parquet")
    names = [part.name for part in desk.post(run, "answer").parts if isinstance(part, Attached)]
    assert "collaborations-patterns.csv" in names
    assert "collaborations-patterns.parquet" in names


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("report show bananas", "Which report? “bananas” is none"),
        ("report frobnicate models", "I know no “report frobnicate”"),
        ("report show models next week", "cannot read “next week” as a period"),
        ("report show models 2026-02-31", "has a date that there is not"),
        ("report show models 2099", "has not begun yet"),
        ("report show campaign", "Which campaign?"),
        ("report preview campaign zzzzzzzz", "no campaign"),
        ("report send models today", "Where to?"),
        ("report send models today --to #secret", "I cannot post in #secret"),
        ("report send models today --to x@y.example", "Nothing is sent to x@y.example"),
        ("report export models today --to shelf", "No folder for reports is set"),
        ("report export models today --as docx", "I cannot write “docx”"),
        ("report show models today --committee nobody", "I know no committee “nobody”"),
        ("report show models --to #ops", "`report send` sends a report"),
    ],
)
async def test_what_makes_no_sense_is_a_sentence_and_starts_nothing(desk, typed, said):
    assert said in await desk.reads(typed)
    assert await desk.app.desk.store.recent(TENANT) == []


async def test_a_report_is_made_in_the_language_of_who_asks(desk):
    done, run = await desk.report("report show usage heute --plain", locale="de-DE")
    assert done.report.title.startswith("Nutzung und Kosten, ")
    assert "Läufe: 0." in done.report.words[0]
    assert "Kosten" in written(desk.post(run, "answer"))


async def test_ten_reports_at_once_are_ten_reports(desk):
    async def one(number):
        key = f"many{number}"
        from_desk = Desk(desk.app, desk.chat)
        from_desk._keys = iter([key])
        await from_desk.type("report show usage today --plain")
        await desk.app.desk.runs.wait(run_id(TENANT, f"Ev{key}"))
        return (await desk.app.desk.store.collaboration(TENANT, run_id(TENANT, f"Ev{key}"))).status

    assert {status.value for status in await asyncio.gather(*map(one, range(10)))} == {"done"}


async def test_a_report_is_scheduled_and_made_when_its_time_comes(desk):
    """With the rights that its owner has then."""
    said = written(await desk.type('schedule add "every Monday 9:00" report usage last week --plain'))
    assert "report usage last week --plain" in said
    (schedule,) = await desk.app.desk.schedules.store.schedules(TENANT)
    await desk.type(f"schedule run {schedule.id}")
    (run,) = [each for each in await desk.app.desk.store.recent(TENANT) if each.task]
    await desk.app.desk.runs.wait(run.id)
    await desk.chat.until(lambda: desk.post(run.id, "answer") is not None)
    assert "Use and spending, " in written(desk.post(run.id, "answer"))
    assert run.task.input["whole"] is True
