"""How tasks on skills read: what they do, what came of them, what a person is asked to approve."""

from collections.abc import Sequence

from bot.board import Board
from bot.report_posts import report_post
from bot.results import fenced, given
from bot.shapes import Button, Buttons, Fold, Foot, Heading, Part, Post, Prose, Table
from bot.trials import badge, checked, matrix, tested
from bot.words import Words, key
from core.entities import Status
from core.skills.results import Approval, Done, Drafted, Review

_SEVERAL = "check"


def underway(run: str, board: Board) -> Post:
    """Return the one moving message of a task, and a way to stop it."""
    words, started = board.words, board.started
    parts: list[Part] = [Heading(board.heading)]
    if board.done:
        return Post(tuple(parts), state=board.done.status, language=words.language)
    parts += trials_of(board)
    if board.notes:
        parts.append(Foot(" · ".join(board.notes[-3:])))
    parts.append(Buttons((Button(words("Stop"), f"stop {run}", "danger"),)))
    return Post(tuple(parts), state=Status.RUNNING, language=words.language, asker=started.asker if started else "")


def trials_of(board: Board) -> Sequence[Part]:
    """Return the tests that have run so far: candidate by test, or a line for each version."""
    trials, words = list(board.trials.values()), board.words
    if board.started and board.started.task == _SEVERAL:
        return checked(trials, words)
    candidates = [] if board.started else [trial for trial in trials if " " not in trial.subject]
    versions = [trial for trial in trials if trial not in candidates]
    badges = [Foot(f"{trial.subject} ({trial.round}): {badge(trial, words)}") for trial in versions]
    return [*matrix(candidates, words), *badges]


def ended(run: str, done: Done, words: Words, approval: Approval | None = None) -> Post:
    """Return what came of a task: its result or its tests, what is to be approved, and what can be done next."""
    if done.report:
        return report_post(run, done, done.report, words)
    text = words.told(done.text, done.sentence)
    parts: list[Part] = given(done.produced, words) if done.produced else [Prose(text)] if text else []
    if done.review:
        parts += reviewed(done.review, words)
    parts += checked(done.tests, words) if done.task == _SEVERAL else tested(done.tests, words)
    parts.append(Foot(" · ".join(filter(None, (f"{done.skill} {done.version}".strip(), run)))))
    if approval:
        parts.append(Foot(decided(approval, words)))
    elif buttons := _next_steps(run, done, words):
        parts.append(Buttons(buttons))
    wrong = done.status is Status.FAILED or done.passed is False or bool(done.produced and done.produced.problem)
    state = Status.FAILED if wrong and done.status is Status.DONE else done.status
    return Post(tuple(parts), failed=wrong, state=state, language=words.language)


def reviewed(review: Review, words: Words) -> list[Part]:
    """Return what a person approves: what it asks for, new things in bold, and what has changed."""
    parts: list[Part] = []
    if review.permissions:
        kinds = (words("as before"), words("new"))
        rows = tuple((each, kinds[each in review.added]) for each in review.permissions)
        parts.append(Table((words("it asks for"), words("since the version before")), rows))
    if review.added:
        names = ", ".join(f"**{_bare(each)}**" for each in review.added)
        parts.append(Prose(words("New, and allowed once you approve: {names}.", names=names)))
    if not review.permissions:
        parts.append(Prose(words("It asks for no network and no secret.")))
    before = review.before
    title = words("What has changed since {version}", version=before) if before else words("All of it is new")
    if review.lines:
        parts.append(Fold(title, fenced("\n".join(review.lines), "diff")))
    if not review.whole:
        parts.append(Foot(words("There is more than is shown here: export both versions to see all of it.")))
    return parts


def decided(approval: Approval, words: Words) -> str:
    """Say who has approved or denied, and why."""
    text = key("Approved by {name}.") if approval.yes else key("Denied by {name}.")
    return f"{words(text, name=approval.person_name)} {approval.why}".strip()


def _next_steps(run: str, done: Done, words: Words) -> tuple[Button, ...]:
    if done.review:
        approve = Button(words("Approve"), f"skill approve {run}", "primary")
        return (approve, Button(words("Deny"), f"skill approve {run} --deny", "danger"))
    if not done.skill or not done.version:
        return ()
    if done.task == "run":
        return (run_it(done.skill, done.version, words), show_it(done.skill, done.version, words))
    if done.task == "test" and done.passed:
        return (promote_it(done.skill, done.version, words), show_it(done.skill, done.version, words))
    return (show_it(done.skill, done.version, words),)


def drafted_part(drafted: Drafted, words: Words) -> Foot:
    """Return the line under a draft: what it is, and who wrote it."""
    text = "Draft: {skill} {version}, candidate {label}, by {who}."
    who = words.listed(drafted.members)
    return Foot(words(text, skill=drafted.skill, version=drafted.version, label=drafted.label, who=who))


def after_draft(drafted: Drafted, words: Words) -> Buttons:
    """Return what can be done with a draft."""
    name, version = drafted.skill, drafted.version
    return Buttons(
        (
            test_it(name, version, words),
            promote_it(name, version, words),
            show_it(name, version, words),
            run_it(name, version, words),
        )
    )


def test_it(name: str, version: str, words: Words) -> Button:
    """Return the button that has a version tested."""
    return Button(words("Run its tests"), f"skill test {name} {version}", "primary")


def promote_it(name: str, version: str, words: Words) -> Button:
    """Return the button that has a version made ready for promotion."""
    return Button(words("Promote"), f"skill promote {name} {version}")


def show_it(name: str, version: str, words: Words) -> Button:
    """Return the button that shows a version."""
    return Button(words("Show"), f"skill show {name} {version}")


def run_it(name: str, version: str, words: Words) -> Button:
    """Return the button that opens the form for running a version."""
    return Button(words("Run…"), f"skill run {name} {version}")


def _bare(text: str) -> str:
    return text.replace("*", "")
