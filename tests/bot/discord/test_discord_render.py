import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord.components import files, form, view
from bot.discord.details import Turn, asked, pages
from bot.discord.render import render
from bot.discord.sheet import Sheet
from bot.discord.split import size
from bot.shapes import Bar, Bars, Button, Buttons, Fold, Foot, Heading, Line, Lines, Part, Post, Prose, Table
from bot.words import ENGLISH, words_for
from core.entities import Status
from tests.doubles.discord_checks import FRAMED, refusals, texts
from tests.doubles.discord_markdown import parse
from tests.doubles.discord_openapi import description
from tests.doubles.discord_shown import shown

RUN = "k3f9x2mqabcd"
MARK = "#abcdefgh"


class Long(str):
    """A text whose repr does not fill the report of a failure."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{str(self[:9])!r} and so on, {len(self)} characters"


NASTY = [
    "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</ask:1>", "<t:1:R>", "<id:guide>", "[x](https://e.vil)",
    "[x](<https://e.vil> 't')", "https://discord.gg/a", "discord.com/invite/a", "https://e.vil/" + "a" * 3000,
    "|a|b|\n|-|-|\n|1|2|\n",
    "```py\nx\n", "```\n", "~~~\n", "`", "``", "**", "__", "~~", "||", "# H\n", "-# small\n", ">>> ", "> ", "- ", "1. ",
    "\n", "\u202e", "\u2066", "\u200b", "\x00", "\x1b[31m", "\x7f", "\u0085", "👩‍👩‍👧", "🇩🇪🇫🇷", "e\u0301", "नि", "각",
    "שלום עולם", "مرحبا", "\\", "](", "", " ",
]  # fmt: skip
TEXT = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(NASTY), max_size=12).map("".join),
    st.builds(
        lambda word, times: Long(word * times), st.text(min_size=1, max_size=9), st.sampled_from([1, 40, 400, 2000])
    ),
)
SHARE = st.floats(-1, 2)
LIVE = regex.compile(
    r"@(?:everyone|here)|(?<!\\)<(?:@[!&]?\w|#\w|/[^>\n]+:\d|t:\d|id:)|(?<!\\)\]\((?=\s*<?\w+:)"
    r"|discord\.gg/|discord(?:app)?\.com/invite/",
    flags=regex.IGNORECASE,
)
"""What would ping, hide a link or invite, wherever it stands; a back-slash before it makes it text."""
OPENS = st.sampled_from(["", f"show {RUN}"])
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Heading, TEXT),
    st.builds(Prose, TEXT, OPENS),
    st.builds(
        Lines,
        st.lists(st.builds(Line, st.sampled_from(["waiting", "done", "absent"]), TEXT, TEXT), max_size=6).map(tuple),
    ),
    st.builds(Bars, TEXT, st.lists(st.builds(Bar, TEXT, SHARE, TEXT, TEXT), max_size=6).map(tuple)),
    st.builds(Table, st.tuples(TEXT, TEXT), st.lists(st.tuples(TEXT, TEXT), max_size=5).map(tuple)),
    st.builds(Fold, TEXT, TEXT, OPENS),
    st.builds(Foot, TEXT),
    st.builds(Buttons, st.lists(st.builds(Button, TEXT, TEXT), max_size=7).map(tuple)),
)
POSTS = st.builds(
    Post,
    st.lists(PARTS, max_size=9).map(tuple),
    failed=st.booleans(),
    state=st.sampled_from([None, *Status]),
    language=st.sampled_from(["en", "de"]),
)


def sent(sheet: Sheet, *, framed: bool = True) -> dict[str, object]:
    """Return what goes to Discord."""
    about: dict[str, object] = {"allowed_mentions": form(sheet)["allowed_mentions"].to_dict()}
    if not framed:
        return about | {"content": sheet.notice}
    attached = [file.to_dict(number) for number, file in enumerate(files(sheet))]
    components = view(sheet).to_components()  # type: ignore[no-untyped-call]
    return about | {"components": components, "flags": FRAMED, "attachments": attached}


def taken(sheet: Sheet) -> None:
    """Check that Discord takes a message, with a frame and without."""
    for framed in (True, False):
        body = sent(sheet, framed=framed)
        assert refusals(body, len(files(sheet))) == []
        assert description().faults("POST", "/channels/1/messages", {}, body, []) == []


def harmless(text: str) -> None:
    if len(text) < 500:  # reading as Discord's client does takes long; what is long is the same again and again
        said = parse(text)
        assert (said.links, said.mentions, said.spoilers, said.quotes) == ([], [], [], []), text
    assert not LIVE.search(text.replace("\\\\", "")), text
    assert not regex.search(r"[\p{Cc}--[\n\t]]|[\u202a-\u202e\u2066-\u2069]", text, flags=regex.VERSION1)


@settings(deadline=None, max_examples=50)
@given(POSTS)
def test_no_post_breaks_a_limit_of_discord_or_carries_live_markup(post: Post) -> None:
    sheet = render(post, MARK)
    taken(sheet)
    for text in (*texts(sent(sheet)), sheet.notice):
        harmless(text)
        assert text.count("\n```") % 2 == (1 if text.startswith("```") else 0)
    assert texts(sent(sheet))[-1].endswith(f"\\{MARK}")
    assert sheet.notice.endswith(f"\\{MARK}")


@settings(deadline=None, max_examples=30)
@given(st.lists(PARTS, max_size=9).map(tuple), st.integers(0, 60))
def test_no_page_of_the_details_breaks_a_limit_or_carries_live_markup(parts: tuple[Part, ...], page: int) -> None:
    sheet = pages(RUN, {"answer": parts, "cost": ()}, "answer", page, ENGLISH)
    body = sent(sheet)
    assert refusals(body, 0) == []
    for text in texts(body):
        harmless(text)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=900), min_size=1, max_size=30))
def test_the_pages_of_the_details_hold_every_letter_in_order(words: list[str]) -> None:
    parts = (Prose(" ".join(words)), Fold("Then", " ".join(words)))
    read, page = "", 0
    while True:
        sheet = pages(RUN, {"answer": parts}, "answer", page, ENGLISH)
        read += "".join(texts(sent(sheet))[1:])
        page += 1
        if f"--page {page}" not in str(sheet.items) or sheet == pages(RUN, {"answer": parts}, "answer", page, ENGLISH):
            break
    assert "".join(read.split()).replace("**Then**", "") == "".join("".join(words).split()) * 2


def answer(text: str, dissent: str = "Keep it.\n- it works") -> Post:
    return Post(
        (
            Prose(text, opens=f"show {RUN}"),
            Foot("The winning answer, by ada."),
            Bars("schulze: 3 of 3 voted", (Bar("A · ada", 1.0, "3 votes", "winner"), Bar("B · bob", 1 / 3, "1 vote"))),
            Fold("Dissent: bob", dissent, opens=f"show {RUN}"),
            Foot(f"3 models, 9 calls, 4,120 tokens, $0.0041, 6.2 s · {RUN}"),
            Buttons((Button("Details", f"show {RUN}"), Button("Again", f"again {RUN}"))),
        ),
        state=Status.ANSWERED,
    )


def test_an_answer_is_one_frame_with_its_state_its_tally_and_its_dissent() -> None:
    sheet = render(answer("**Yes.** Move."), "#m")
    assert shown(sent(sheet)) == (
        "┌ green\n"
        "│ ### ✅ Answered\n"
        "│ **Yes.** Move.\n"
        "│ -# The winning answer, by ada.\n"
        "│ ────────────────────────────────────────\n"
        "│ **schulze: 3 of 3 voted**\n"
        "│ `████████████` **A · ada** · 3 votes · 🏆 winner\n"
        "│ `████········` **B · bob** · 1 vote\n"
        "│ ────────────────────────────────────────\n"
        "│ **Dissent: bob**\n"
        "│ Keep it.\n"
        "│ - it works\n"
        "│ ────────────────────────────────────────\n"
        f"│ -# 3 models, 9 calls, 4,120 tokens, $0.0041, 6.2 s · {RUN} · \\#m\n"
        f"│ [Details] → show {RUN}  [Again] → again {RUN}\n"
        "└\n"
    )
    assert sheet.file == ""
    assert sheet.notice == "✅ Answered\n**Yes.** Move.\n-# \\#m"
    assert (sheet.silent, sheet.framed) == (False, True)


def test_a_long_dissent_is_folded_to_its_beginning_and_a_button_opens_it() -> None:
    text = shown(sent(render(answer("Yes.", "Keep it, because it works. " * 40))))
    assert f"…  [Read it whole] → show {RUN} --tab ballots" in text
    assert text.count("because") < 20
    assert asked(f"show {RUN} --tab ballots") == Turn(RUN, "ballots")


def test_what_is_too_long_for_a_message_is_in_a_file_and_the_message_says_so() -> None:
    text = "Reasons. " * 3000
    sheet = render(answer(text), MARK)
    said = shown(sent(sheet))
    assert "*The whole text is in dexter.md: 27," in said
    assert f"[Read on] → show {RUN} --tab answer" in said
    assert "*… goes on in dexter.md.*" in said
    assert "🏆 winner" in said
    assert "📄 dexter.md" in said
    assert text.strip() in sheet.file
    assert "Keep it." in sheet.file


def test_progress_is_a_line_a_member_with_its_state_in_a_sign_and_a_word_and_notifies_nobody() -> None:
    lines = Lines((Line("done", "ada"), Line("working", "bob", "thinks"), Line("absent", "c")))
    sheet = render(Post((Heading("Propose: 1 of 3"), lines), state=Status.RUNNING), "#m")
    assert texts(sent(sheet)) == [
        "### ⏳ Propose: 1 of 3\n✅ **ada** done\n⏳ **bob** thinks\n🚫 **c** absent",
        "-# \\#m",
    ]
    assert sheet.silent


def test_no_two_states_look_the_same_without_their_colours() -> None:
    seen = {shown(sent(render(Post((Prose("x"),), state=state)))).partition("\n")[2] for state in Status}
    assert len(seen) == len(Status)


def test_dexters_own_words_are_said_in_the_language_of_the_post() -> None:
    said = shown(sent(render(Post((Lines((Line("absent", "ada"),)),), state=Status.DISAGREED, language="de"))))
    assert "### ⚖️ Keine Einigung" in said
    assert "🚫 **ada** fehlt" in said
    assert words_for("de").language == "de"


def test_a_short_sentence_needs_no_frame_where_it_is_posted() -> None:
    assert not render(Post((Prose("**Ann** asks: Why?"),))).framed
    assert render(Post((Prose("No such run."),), failed=True)).framed


def test_a_narrow_table_is_a_grid_and_a_wide_one_a_list() -> None:
    narrow = render(Post((Table(("model", "calls"), (("a", "3"), ("bb", "12"))),)))
    assert texts(sent(narrow)) == ["```\nmodel  calls\na      3\nbb     12\n```"]
    wide = render(Post((Table(("who", "when", "why"), (("ada", "now", "because " * 30),)),)))
    assert texts(sent(wide))[0].startswith("• **ada** when: now · why: because because")
    named = render(Post((Table(("type", "to"), (("help", "list " * 30),)),)))
    assert texts(sent(named))[0].startswith("• **help** list list")


def test_an_error_is_red_and_in_words() -> None:
    assert shown(sent(render(Post((Prose("No such model."),), failed=True)))) == "┌ red\n│ No such model.\n└\n"


async def test_the_library_keeps_no_view() -> None:
    assert view(render(answer("Yes."))).is_finished()


def test_nothing_to_say_is_said() -> None:
    assert texts(sent(render(Post((Prose("\u200b"), Prose("```\n```")))))) == ["*nothing*"]


def test_a_hundred_thousand_characters_in_one_word_cost_no_time() -> None:
    for word in ("a", "👩‍👩‍👧", "e\u0301", "🇩🇪", "*", "`", "<", "@everyone", "https://a.b/", "\u0301", "ש"):
        sheet = render(Post((Prose(word * (100_000 // len(word))),)), MARK)
        taken(sheet)
        assert (size(sheet.file) > 3000) == (word not in "`\u0301")  # a fence around nothing, and marks on no letter
