"""Forms: what is in them, what comes back, within Slack's limits."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.overview import Books
from bot.settings import Documents
from bot.slack import fields, modals
from bot.slack.asking import here_options
from bot.slack.modals import About, Form
from bot.words import ENGLISH, words_for
from core.committee.catalog import default_committee
from core.committee.committee import Committee
from core.committee.patterns import Pattern, load_patterns
from core.entities import Channel, Collaboration
from core.events import Event
from tests.doubles.questions import question
from tests.doubles.slack_views import Views


class Shelf:
    """The names that a form offers."""

    def __init__(self, committees: Mapping[str, Committee]) -> None:
        self.committees = committees
        self.patterns: Mapping[str, Pattern] = load_patterns()

    async def whole(self, tenant: str, person: str, name: str, run: str) -> tuple[Collaboration, Sequence[Event]]:
        return question(), ()


FEW: Books = Shelf({"default": default_committee()})  # type: ignore[assignment]  # a form needs no more
MANY: Books = Shelf({f"team-{n}": default_committee() for n in range(150)})  # type: ignore[assignment]


def taken(view: modals.View) -> modals.View:
    """Return a form as Slack shows it, where it takes it."""
    views = Views()
    views.trigger("1.1")
    views.methods["views.open"]({"trigger_id": "1.1", "view": view})
    return views.window


def element(view: modals.View, name: str) -> dict[str, object]:
    return dict(next(block["element"] for block in view["blocks"] if block.get("block_id") == name))


@given(text=st.text(max_size=5000), channel=st.sampled_from(["", "C1", "DU1"]))
def test_slack_takes_every_form_whatever_it_is_about(text: str, channel: str) -> None:
    about = About(channel, "169.1", text, "k3f9x2mqabcd")
    here = Channel(tenant="slack:T1", address="slack:T1:C1", reaction=text[:100])
    for words in (ENGLISH, words_for("de")):
        for view in (
            modals.ask_view(FEW, words, about, Documents()),
            modals.again_view(FEW, words, question(question=text), about),
            modals.channel_view(FEW, words, here),
            modals.notice(words, text),
        ):
            assert About.of(taken(view)).run in ("", about.run)


def test_many_committees_are_suggested_as_one_types_and_few_are_listed() -> None:
    assert element(modals.ask_view(FEW, ENGLISH, About(), Documents()), "committee")["type"] == "static_select"
    assert (
        element(taken(modals.ask_view(MANY, ENGLISH, About(), Documents())), "committee")["type"] == "external_select"
    )
    names = modals.choices(MANY, ENGLISH)["committee"]
    assert len(fields.suggestions(names, "")) == 100
    assert [option["value"] for option in fields.suggestions(names, "TEAM-14")][:2] == ["team-14", "team-140"]


def test_what_was_chosen_for_a_channel_is_shown_and_typed_as_a_command() -> None:
    here = Channel(tenant="slack:T1", address="slack:T1:C1", committee="default", thread_only=False, quiet="22-7 UTC")
    view = modals.channel_view(FEW, ENGLISH, here)
    shown = element(view, "threads")["initial_option"]
    assert isinstance(shown, dict)
    assert shown["value"] == "off"
    values = {"threads": {"threads": {"selected_option": shown}}, "quiet": {"quiet": {"value": '22-7 "UTC"'}}}
    form = Form.of({"state": {"values": values | {"reaction": {"reaction": {"value": None}}}}})
    assert form
    assert here_options(form) == '--threads "off" --quiet "22-7 UTC" --reaction "default"'


def test_a_form_that_is_not_dexters_or_damaged_is_about_nothing() -> None:
    for kept in ("", "{", "{}", "7", None):
        assert About.of({"private_metadata": kept}) == About()
    assert Form.of({}) is None


def test_a_quoted_message_can_ping_nobody() -> None:
    view = modals.ask_view(FEW, ENGLISH, About("C1", "1.1", "Ada: <!channel> @here"), Documents())
    quoted = view["blocks"][0]["elements"][0]["elements"]
    assert [part["type"] for part in quoted] == ["text"]
    assert "<!channel" not in str(quoted)
