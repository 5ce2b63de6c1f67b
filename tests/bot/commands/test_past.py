"""Looking back: a question whole, by subject and page, again another way; in the reader's language."""

from bot.shapes import Buttons, Fold, Table
from tests.bot.commands.conftest import written


def pressed(post):
    """Return what the buttons of a post would type."""
    return [button.command for part in post.parts if isinstance(part, Buttons) for button in part.buttons]


async def test_a_question_can_be_read_by_subject_and_page(desk):
    run = (await desk.ask("Should we move?"))[0].run
    proposals = await desk.type(f"show {run} --tab proposals")
    assert [part.title for part in proposals.parts if isinstance(part, Fold)] == [
        f"Proposal {label} by {name}" for label, name in sorted(_labels(proposals), key=lambda pair: pair[1])
    ]
    assert pressed(proposals) == []
    said = written(await desk.type(f"show {run} --tab proposals --page 2"))
    assert said == "There is no page “2” of this; the pages are 1 to 1."
    costs = await desk.type(f"show {run} --tab cost", locale="de")
    assert next(part for part in costs.parts if isinstance(part, Table)).columns[0] == "Mitglied"


def _labels(post):
    for part in post.parts:
        if isinstance(part, Fold):
            _, label, _, name = part.title.split()
            yield label, name


async def test_what_does_not_fit_on_a_page_has_a_way_to_the_next(desk):
    run = (await desk.ask("Should we move? --pattern debate"))[0].run
    first = await desk.type(f"show {run} --tab proposals")
    assert "Page 1 of 2" in written(first)
    assert pressed(first) == [f"show {run} --tab proposals --page 2"]
    second = await desk.type(pressed(first)[0])
    assert "Page 2 of 2" in written(second)
    assert pressed(second) == [f"show {run} --tab proposals --page 1"]


async def test_asking_again_can_begin_with_what_there_is_to_choose(desk):
    run = (await desk.ask("Should we move?"))[0].run
    offered = await desk.type(f"again {run} --choose")
    assert offered.private
    assert f"again {run} --pattern debate" in pressed(offered)
    assert f"again {run} --committee ops" in pressed(offered)
    assert all(len(part.buttons) <= 5 for part in offered.parts if isinstance(part, Buttons))
    events = await desk.ask(f"again {run} --pattern solo")
    assert events[0].body.pattern == "solo"
    assert events[0].body.question == "Should we move?"


async def test_lists_and_states_are_in_the_readers_language(desk):
    run = (await desk.ask("Should we move?"))[0].run
    listed = await desk.reads("show", locale="de")
    assert "Kennung | gefragt (UTC) | Status | Frage | Antwort" in listed
    assert "beantwortet" in listed
    assert await desk.reads(f"stop {run}", locale="de") == f"{run} ist schon zu Ende: beantwortet."
    assert await desk.reads("show nosuchrun", locale="de") == "Eine Frage „nosuchrun“ gibt es hier nicht."
    status = await desk.reads("status", locale="de")
    assert "Datenbank | SQLite" in status
    assert "Gerade ist nichts in Arbeit." in status


async def test_what_a_run_ends_in_before_it_begins_is_in_the_askers_language(desk):
    await desk.ask("Should we move? --pattern oxford --committee ops", locale="de")
    (answer,) = desk.chat.slot("answer")
    assert answer.post.parts[0].markdown.startswith("Das Verfahren oxford braucht 3 Mitglieder; im Gremium ops sind 2")
    assert answer.post.language == "de"
