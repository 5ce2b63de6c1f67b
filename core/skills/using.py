"""Running a skill: the task that gives a person what they asked it for."""

from typing import Any

from core.entities import Status, now
from core.errors import BadRequest
from core.sentences import said
from core.skills.bench import Bench
from core.skills.job import Job
from core.skills.record import Trial
from core.skills.results import Done, Produced
from core.skills.running import produced
from core.skills.skill import Stage


async def use(job: Job, bench: Bench) -> Done:
    """Run a version once, and count how it went."""
    version = await bench.version(job)
    if version.stage is not Stage.PROMOTED and not job.task.unpromoted:
        text = "{name} {version} is {stage}, not promoted: those alone who may promote it run it."
        raise BadRequest(text, name=version.skill, version=version.version, stage=said(version.stage.value))
    it, sandbox = await bench.loaded(version), bench.pool.of(version.tenant)
    await bench.proved()

    allowed, follow = await bench.granted(version), bench.follow(job.asked.id)

    async def work() -> Produced:
        means: dict[str, Any] = {
            "libraries": it.libraries,
            "limits": bench.limits,
            "granted": allowed,
            "follow": follow,
        }
        return await produced(sandbox, it.folder, it.needed, job.task.input, **means)

    came = await job.apart("run", work, Produced)
    held = came.problem is None
    if came.outcome:  # else the input did not fit, which says nothing of the skill
        names = {"tenant": version.tenant, "skill": version.skill, "version": version.version}
        await bench.kept.note(Trial(**names, run=job.asked.id, kind="use", held=held, at=now()))
    end = came.problem or said("{name} {version} is done.", name=version.skill, version=version.version)
    return job.done(Status.DONE if held else Status.FAILED, end).but(produced=came)
