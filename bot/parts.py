"""The parts of Dexter that need nothing but the settings and each other; `bot.app` joins them with the rest."""

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.live import Live
from bot.reporting import Bureau, language
from bot.sandboxes import Hyperv
from bot.settings import Settings
from bot.telling import overheard
from bot.timetable import Clock, Still, Timetable, zone_here
from core.adapters.calendars import Calendars
from core.adapters.charts.charts import Charts
from core.adapters.folder import Folder
from core.adapters.litellm_model import LitellmModel
from core.adapters.local_models import LocalModels, fits
from core.adapters.mail import Server, SmtpMail
from core.adapters.models import Models
from core.adapters.parquet import Kind, ParquetFile, parquet
from core.adapters.registries import FolderRegistry, open_folder, open_registries, own_key
from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.adapters.sandboxes.chosen import Chosen
from core.adapters.sandboxes.container import Container
from core.adapters.sandboxes.container.host import Choice
from core.adapters.sandboxes.hyperv import Guest, HyperV, Machine, Remote
from core.adapters.sandboxes.microvm import MicroVM, Wanted
from core.adapters.scripted_model import ScriptedModel
from core.adapters.weights import Weights
from core.budget import Quotas
from core.campaigns.campaigns import Campaigns, Hear, Tell
from core.campaigns.shelf import Shelf
from core.campaigns.store import CampaignStore
from core.campaigns.template import load_templates
from core.committee.catalog import LOCAL, default_committee, load_committees, with_models
from core.committee.committee import Committee
from core.pool import Pool
from core.ports import Packages, Sandbox, SkillStore, Store, Trust
from core.reports.files import Files
from core.reports.reporting import Places, Reports
from core.reports.store import ReportStore
from core.sandbox import MEGABYTE
from core.schedules.store import ScheduleStore
from core.skills.bench import Bench
from core.skills.registry.publishing import Publisher
from core.skills.registry.sharing import Sharing
from core.skills.running.run import LIMITS
from core.skills.skill import SkillVersion
from core.skills.skills import Skills


def committees_of(settings: Settings) -> dict[str, Committee]:
    """Return the committees, the shipped one seated with the models that this machine has room for."""
    seats = settings.models.seats or [f"{LOCAL}{name}" for name in fits(settings.models.small)]
    shipped = default_committee()
    if settings.models.seats or len(seats) == 1:
        shipped = with_models(shipped, seats)
    return load_committees(settings.committees, shipped)


async def providers_of(settings: Settings, local: LocalModels, stack: contextlib.AsyncExitStack) -> Models:
    """Return every model that can be reached from here, closed with `stack`."""
    models = settings.models
    script = ScriptedModel.load(models.script) if models.script else None
    providers = Models(
        LitellmModel(models.bases),
        scripted=script,
        local=local,
        concurrent=models.concurrent,
        parallel=models.parallel,
        seeing=models.seeing,
    )
    stack.push_async_callback(providers.aclose)
    return providers


def local_models(settings: Settings, weights: Weights) -> LocalModels:
    """Return the models of this machine."""
    models = settings.models
    return LocalModels(weights, threads=models.threads, context=models.context, parallel=models.parallel)


def campaigns_of(settings: Settings, store: Store, books: CampaignStore, tell: Tell, hear: Hear) -> Campaigns:
    """Return the campaigns, with the templates that come with Dexter and those of the administrator."""
    shelf = Shelf(books, load_templates(settings.campaigns.templates))
    return Campaigns(store, books, shelf, tell, hear, settings.campaigns.limits)


def bureau_of(
    settings: Settings, kept: ReportStore, campaigns: CampaignStore, stack: contextlib.AsyncExitStack
) -> Bureau:
    """Return what makes reports and takes them where they are to go; what draws for it is closed with `stack`."""
    charts = Charts(settings.home / "charts")
    stack.push_async_callback(charts.aclose)
    own, mail = settings.reports, settings.mail
    server = Server(**{name: getattr(mail, name) for name in Server.__dataclass_fields__})
    places = Places(SmtpMail(server, mail.allowed), Folder(own.folder), Files(charts, parquet))
    return Bureau(Reports(kept, campaigns, language, own.assumed), places, own.summaries)


def parquet_file(path: Path, columns: Sequence[tuple[str, Kind]]) -> ParquetFile:
    """Return a file for an export. Raises `Misconfigured` where the extra for reports is not installed."""
    return ParquetFile(path, columns)


def sandbox_of(settings: Settings) -> Chosen:
    """Return where skills run, the quickest sandbox first."""
    own = settings.sandbox
    parallel, waiting = own.parallel or None, own.waiting
    container, machine = Choice(**own.container.model_dump()), Wanted(**own.microvm.model_dump())
    snapshots = settings.home / "microvm"
    makers: dict[str, Callable[[], Sandbox]] = {
        "bubblewrap": lambda: Bubblewrap(parallel=parallel, waiting=waiting),
        "container": lambda: Container(container, parallel=parallel, waiting=waiting),
        "microvm": lambda: MicroVM(snapshots, machine, parallel=parallel, waiting=waiting),
    }
    if own.hyperv.host:
        makers["hyperv"] = lambda: windows_of(own.hyperv, own.waiting)
    return Chosen(own.kind, makers, least=settings.skills.tier)


def windows_of(wanted: Hyperv, waiting: int) -> HyperV:
    """Return the sandbox on a Windows host."""
    guest = Guest(wanted.guest_user, wanted.guest_password, wanted.python, wanted.boot)
    remote = Remote(**{name: getattr(wanted, name) for name in Remote.__dataclass_fields__})
    return HyperV(remote, guest, [Machine(each.vm, each.checkpoint) for each in wanted.vms], waiting=waiting)


def pool_of(settings: Settings) -> Pool:
    """Return the sandbox as all tenants share it."""
    own = settings.sandbox
    return Pool(sandbox_of(settings), parallel=own.parallel or os.cpu_count() or 1, waiting=own.waiting)


def bench_of(settings: Settings, skills: Skills, shelf: SkillStore, packages: Packages, live: Live) -> Bench:
    """Return what tasks on skills work with; what a skill says while it runs goes to whoever watches."""
    own = settings.skills

    async def libraries(version: SkillVersion) -> tuple[Path, ...]:
        return await packages.folders(version.packages)

    limits = LIMITS.but(seconds=own.seconds, memory=own.memory * MEGABYTE)
    return Bench(skills, shelf, pool_of(settings), libraries, limits, own.tier, own.secrets, overheard(live))


def quotas_of(settings: Settings) -> Quotas:
    """Return what may be used in a day."""
    return Quotas(person=settings.quotas.person, tenant=settings.quotas.tenant)


def timetable_of(
    settings: Settings, store: ScheduleStore, hear: Callable[[str], None], clock: Clock | None
) -> Timetable:
    """Return what commands need to know of schedules; `hear` is told what happens to the line of runs."""
    own, calendars = settings.schedules, Calendars()
    return Timetable(
        store,
        clock or Still(),
        calendars.holidays,
        lambda name: calendars.named(name, own.country),
        own.zone or zone_here(),
        own.country,
        own.person,
        lambda run: hear(f"enter {run}"),
    )


def sharing_of(
    settings: Settings, store: Store, trust: Trust, skills: Skills, stack: contextlib.AsyncExitStack
) -> Sharing:
    """Return what shares skills with others, its registries closed with `stack`."""
    own = settings.registry
    tokens = {name: token.get_secret_value() for name, token in own.tokens.items()}
    registries = open_registries(own.places, tokens, settings.home)
    for registry in registries:
        stack.push_async_callback(registry.aclose)
    return Sharing(store, skills, trust, registries, publisher_of(settings), own.statistics)


def publisher_of(settings: Settings) -> Publisher:
    """Return who this installation is to others."""
    own = settings.registry
    return Publisher(own_key(settings.home, own.key, own.passphrase.get_secret_value()), own.publisher)


def served(settings: Settings, folder: Path | None) -> FolderRegistry:
    """Return the registry that this machine serves."""
    return open_folder("served", folder or settings.registry.serve.folder, settings.home)
