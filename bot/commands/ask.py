"""`ask` and `again`: put a question to a committee."""

from bot.attachments import MOST_CHARACTERS
from bot.commands.command import Asking, Command, Option
from bot.commands.parse import unknown
from bot.commands.past import named
from bot.shapes import Post
from core.access import Permission
from core.entities import Collaboration, Document, now, run_id
from core.errors import BadRequest

PATTERN = Option("pattern", "how they deliberate; `patterns` lists the names", choices="pattern")
COMMITTEE = Option("committee", "who deliberates; `committee` lists the names", choices="committee")


async def ask(asking: Asking) -> Post | None:
    """Accept a question. The answer comes through the outbox, in the thread."""
    question = asking.args["question"]
    if not any(character.isprintable() and not character.isspace() for character in question):
        raise BadRequest(
            "There is no question in that. Type it behind `ask`, for example: `ask Should we pin versions?`"
        )
    await _start(asking, question, _context(asking))
    return None


async def again(asking: Asking) -> Post | None:
    """Put a past question once more, to another committee or by another pattern if the person says so."""
    past = await named(asking, asking.args["id"])
    await _start(asking, past.question, past.context, parent=past)
    return None


async def _start(
    asking: Asking, question: str, context: tuple[Document, ...], parent: Collaboration | None = None
) -> bool:
    desk, request, person = asking.desk, asking.request, asking.principal
    committee = asking.args["committee"] or (parent.committee if parent else "default")
    pattern = asking.args["pattern"] or "auto"
    if committee not in desk.committees:
        raise BadRequest(unknown("committee", committee, list(desk.committees)))
    if pattern != "auto" and pattern not in desk.patterns:
        raise BadRequest(unknown("pattern", pattern, [*desk.patterns, "auto"]))
    collaboration = Collaboration(
        id=run_id(person.tenant, request.key),
        tenant=person.tenant,
        asker=person.id,
        asker_name=person.name,
        address=request.address,
        question=question,
        context=context,
        committee=committee,
        pattern=pattern,
        parent=parent.id if parent else None,
        created_at=now(),
    )
    return await desk.runs.start(collaboration, request.key)


def _context(asking: Asking) -> tuple[Document, ...]:
    size = sum(len(file.text) for file in asking.attachments)
    if size > MOST_CHARACTERS:
        raise BadRequest(
            f"The files hold {size:,} characters; I read {MOST_CHARACTERS:,} at most. Attach fewer or shorter ones."
        )
    return tuple(Document(name=file.name, text=file.text) for file in asking.attachments)


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
    (Option("id", "the id of a past question; the last one here if left out", words=True), PATTERN, COMMITTEE),
    "again k3f9x2mqabcd --pattern oxford",
)
