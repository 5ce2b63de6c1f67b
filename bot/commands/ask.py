"""`ask` and `again`: put a question to a committee."""

from bot.commands.command import Asking, Command, Option
from bot.commands.names import AUTO, committee_named, pattern_named
from bot.commands.past import named
from bot.shapes import Button, Buttons, Post, Prose, between_two
from core.access import Permission
from core.entities import Collaboration, Document, now, run_id
from core.errors import BadRequest

SKILL_PATTERN = "skill"
"""What a draft of a skill is made by."""
PATTERN = Option("pattern", "how they deliberate; `patterns` lists the names", choices="pattern")
COMMITTEE = Option("committee", "who deliberates; `committee` lists the names", choices="committee")


async def ask(asking: Asking) -> Post | None:
    """Accept a question. The answer comes through the outbox, in the thread."""
    question = asking.args["question"]
    if not any(character.isprintable() and not character.isspace() for character in question):
        raise BadRequest(
            "There is no question in that. Type it behind `ask`, for example: `ask Should we pin versions?`"
        )
    await put(asking, question)
    return None


async def again(asking: Asking) -> Post | None:
    """Put a past question once more, to another committee or by another pattern if the person says so."""
    id = (await named(asking, asking.args["id"])).id
    past = await asking.desk.store.collaboration(asking.principal.tenant, id)  # with its files, which lists leave out
    if past.task:
        raise BadRequest("{id} is no question: type what you want once more.", id=past.id)
    if asking.args["choose"]:
        return _choices(asking, past)
    pattern = SKILL_PATTERN if past.pattern == SKILL_PATTERN and not asking.args["pattern"] else ""
    await put(asking, past.question, past.context, parent=past, pattern=pattern)
    return None


def _choices(asking: Asking, past: Collaboration) -> Post:
    """Return what may be chosen, for chats that have no form for it."""
    words, most = asking.words, 5  # buttons in a row
    buttons = [Button(name, f"again {past.id} --pattern {name}") for name in (AUTO, *asking.desk.patterns)]
    if len(asking.desk.committees) > 1:
        named = sorted(asking.desk.committees.keys() - {past.committee})
        buttons += [
            Button(words("Committee {name}", name=name), f"again {past.id} --committee {name}") for name in named
        ]
    rows = [Buttons(tuple(buttons[at : at + most])) for at in range(0, len(buttons), most)]
    asks = words("How should the committee deliberate this time? `patterns` says what each name means.")
    return Post((Prose(asks), *rows), private=True)


async def put(
    asking: Asking,
    question: str,
    context: tuple[Document, ...] | None = None,
    *,
    parent: Collaboration | None = None,
    pattern: str = "",
) -> None:
    """Put a question to the committee that is named, else to that of the parent or of the channel.

    `context` is what came along where it is not given. Raises `BadRequest`, `NotFound` and `Unavailable`.
    """
    desk, request, person = asking.desk, asking.request, asking.principal
    here = parent or asking.channel
    committee = asking.args["committee"] or here.committee or "default"
    pattern = pattern or asking.args["pattern"] or asking.channel.pattern or AUTO
    if committee not in desk.committees and committee == asking.channel.committee:
        raise BadRequest(
            "The committee “{name}”, which is set for this channel, is no longer there. Name another one with "
            "`--committee`, or have `here --committee` set for this channel anew.",
            name=committee,
        )
    collaboration = Collaboration(
        id=run_id(person.tenant, request.key),
        tenant=person.tenant,
        asker=person.id,
        asker_name=person.name,
        address=request.address,
        question=question,
        context=context_of(asking) if context is None else context,
        committee=committee_named(committee, desk).name,
        pattern=pattern_named(pattern, desk),
        parent=parent.id if parent else None,
        language=asking.words.language,
        created_at=now(),
        private=between_two(request.address),
    )
    await desk.runs.start(collaboration, request.key)


def context_of(asking: Asking) -> tuple[Document, ...]:
    """Return the files that came along."""
    files = asking.attachments
    return tuple(Document(name=file.name, text=file.text, kind=file.kind, image=file.image) for file in files)


ASK = Command(
    "ask",
    "Put a question to a committee and read its answer, tally and dissent",
    Permission.ASK,
    ask,
    (Option("question", "a question", required=True, words=True), PATTERN, COMMITTEE),
    "ask Should we pin our dependencies? --pattern debate",
    most_words=10_000,
)
AGAIN = Command(
    "again",
    "Ask the same question once more, with another pattern or committee",
    Permission.ASK,
    again,
    (
        Option("id", "the id of a past question; the last one here if left out", words=True),
        PATTERN,
        COMMITTEE,
        Option("choose", "show first what can be chosen", flag=True),
    ),
    "again k3f9x2mqabcd --pattern oxford",
)
