import discord
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord.delivery import form, view
from bot.discord.render import Sheet, render
from bot.discord.split import size
from bot.shapes import Bar, Bars, Button, Buttons, Fold, Foot, Heading, Line, Lines, Part, Post, Prose, Table
from tests.doubles.discord_markdown import Marks, parse


class Long(str):
    """A text whose repr does not fill the report of a failure."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{str(self[:9])!r} and so on, {len(self)} characters"


TEXT = st.one_of(
    st.text(max_size=80),
    st.sampled_from(["@everyone", "[x](https://e.vil)", "```py\nx\n", "**", "# H", "<@1>", "", "\x00"]),
    st.builds(lambda word, times: Long(word * times), st.text(min_size=1, max_size=9), st.integers(1, 3000)),
)
SHARE = st.floats(-1, 2)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Heading, TEXT),
    st.builds(Prose, TEXT),
    st.builds(Lines, st.lists(st.builds(Line, st.just("done"), TEXT, TEXT), max_size=6).map(tuple)),
    st.builds(Bars, TEXT, st.lists(st.builds(Bar, TEXT, SHARE, TEXT, TEXT), max_size=6).map(tuple)),
    st.builds(
        Table, st.tuples(TEXT, TEXT), st.lists(st.tuples(TEXT, TEXT), max_size=5).map(tuple)
    ),
    st.builds(Fold, TEXT, TEXT),
    st.builds(Foot, TEXT),
    st.builds(Buttons, st.lists(st.builds(Button, TEXT, TEXT), max_size=7).map(tuple)),
)  # fmt: skip


def total(sheet: Sheet) -> int:
    return sum(card.size for card in sheet.cards)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=14).map(tuple))
def test_no_post_breaks_a_limit_of_discord_or_carries_live_markup(parts: tuple[Part, ...]) -> None:
    sheet = render(Post(parts), "#abcdefgh")
    assert size(sheet.content) <= 2000
    assert sheet.content.strip() or sheet.cards
    assert len(sheet.cards) <= 10
    assert total(sheet) <= 6000
    for card in sheet.cards:
        assert card.title or card.text
        assert size(card.title) <= 256
        assert size(card.text) <= 4096
        assert size(card.foot) <= 2048
        assert parse(f"{card.title}\n{card.text}") == Marks(headings=parse(f"{card.title}\n{card.text}").headings)
    said = parse(sheet.content)
    assert (said.links, said.mentions, said.spoilers, said.quotes) == ([], [], [], [])
    assert (sheet.cards[-1].foot if sheet.cards else sheet.content).endswith("#abcdefgh")
    assert len(sheet.rows) <= 5
    assert all(len(row) <= 5 for row in sheet.rows)


def answer(text: str) -> Post:
    return Post(
        (
            Prose(text),
            Foot("The winning answer, by ada."),
            Bars("schulze: 3 of 3 voted", (Bar("A · ada", 1.0, "3 votes", "winner"), Bar("B · bob", 1 / 3, "1 vote"))),
            Fold("Dissent: bob", "Keep it.\n- it works"),
            Foot("3 models, 9 calls, 4,120 tokens, $0.0041, 6.2 s · k3f9x2mqabcd"),
            Buttons((Button("Details", "show k3f9x2mqabcd"), Button("Again", "again k3f9x2mqabcd"))),
        )
    )


def test_an_answer_is_the_text_with_its_tally_and_its_dissent_below() -> None:
    sheet = render(answer("**Yes.** Move."), "#m")
    assert sheet.content == "**Yes.** Move."
    tally, dissent = sheet.cards
    assert tally.text.split("\n") == [
        "**schulze: 3 of 3 voted**",
        "`████████████` **A · ada** · 3 votes · 🏆 winner",
        "`████░░░░░░░░` **B · bob** · 1 vote",
    ]
    assert (dissent.title, dissent.text) == ("Dissent: bob", "Keep it.\n- it works")
    assert dissent.foot == (
        "The winning answer, by ada.\n3 models, 9 calls, 4,120 tokens, $0.0041, 6.2 s · k3f9x2mqabcd · #m"
    )
    assert sheet.file == ""


def test_a_longer_answer_goes_on_in_embeds() -> None:
    text = "\n".join(f"{number}. a reason of some length, as reasons are" for number in range(90))
    sheet = render(answer(text))
    assert sheet.file == ""
    assert "\n".join([sheet.content, *(card.text for card in sheet.cards)]).startswith(text)


def test_what_is_too_long_for_a_message_is_in_a_file_and_the_message_says_so() -> None:
    text = "Reasons. " * 3000
    sheet = render(answer(text))
    assert "dexter.md" in sheet.content
    assert "goes on" in sheet.content
    assert text.strip() in sheet.file
    assert "Keep it." in sheet.file
    assert [card.title for card in sheet.cards] == ["", "Dissent: bob"]
    assert "🏆 winner" in sheet.cards[0].text


def test_progress_is_a_line_a_member_with_its_state_in_a_sign_and_a_word() -> None:
    post = Post(
        (Heading("Proposing"), Lines((Line("done", "ada"), Line("working", "bob", "thinks"), Line("absent", "c"))))
    )
    assert render(
        post, "#m"
    ).content == "**Proposing**\n✅ **ada** done\n⏳ **bob** thinks\n🚫 **c** absent\n-# #m".replace("-# #", "-# \\#")


def test_a_narrow_table_is_a_grid_and_a_wide_one_a_list() -> None:
    narrow = render(Post((Table(("model", "calls"), (("a", "3"), ("bb", "12"))),))).content
    assert narrow == "```\nmodel  calls\na      3\nbb     12\n```"
    wide = render(Post((Table(("who", "why"), (("ada", "because " * 30),)),))).content
    assert wide.startswith("• **ada** why: because because")


async def test_the_library_takes_what_is_rendered_and_keeps_no_view() -> None:
    sheet = render(answer("Yes."))
    sent = form(sheet)
    assert sent["allowed_mentions"].to_dict() == discord.AllowedMentions.none().to_dict()
    assert sum(len(embed) for embed in sent["embeds"]) <= 6000
    buttons = view(sheet)
    assert buttons is not None
    assert buttons.is_finished()
    assert [item.custom_id for item in buttons.children] == ["dexter:show k3f9x2mqabcd", "dexter:again k3f9x2mqabcd"]  # type: ignore[attr-defined]


def test_an_error_is_red_and_in_words() -> None:
    sheet = render(Post((Prose("No such model."), Fold("More", "x")), failed=True))
    assert form(sheet)["embeds"][0].colour == discord.Colour(0xD93B3B)
