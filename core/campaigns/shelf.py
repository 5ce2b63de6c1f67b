"""The templates that a tenant can use: those that are there for all, and those that its people saved."""

from collections.abc import Mapping, Sequence

from core.campaigns.campaign import Campaign
from core.campaigns.saved import saved
from core.campaigns.store import CampaignStore
from core.campaigns.template import Template, read_template, template_of
from core.errors import BadRequest


class Shelf:
    """Finds templates, and turns campaigns into new ones."""

    def __init__(self, kept: CampaignStore, shipped: Mapping[str, Template]) -> None:
        """`shipped` come with Dexter, or from the administrator's folder."""
        self._kept, self._shipped = kept, shipped

    async def all(self, tenant: str) -> Sequence[Template]:
        """Return every template by its name; one that cannot be read any more is left out."""
        names = [name for name in await self._kept.templates(tenant) if name not in self._shipped]
        found = dict(self._shipped)
        for name in names:
            try:
                found[name] = await self.named(tenant, name)
            except BadRequest:
                continue
        return [found[name] for name in sorted(found)]

    async def named(self, tenant: str, name: str) -> Template:
        """Return a template. Raises `BadRequest` naming those that there are, or what is wrong with one saved here."""
        if name not in self._shipped and (text := await self._kept.template(tenant, name)) is not None:
            return read_template(name, text)
        return template_of(name, {each.name: each for each in await self.all(tenant)})

    async def save(self, campaign: Campaign, name: str, saved_by: str) -> Template:
        """Keep the plan of a campaign under a name; `saved_by` is a `Principal.id`.

        Raises `BadRequest` for a name that is none, or that of a template that is there for all.
        """
        if name in self._shipped:
            raise BadRequest("The template {name} is there for all: give yours another name.", name=name)
        if not campaign.objectives:
            raise BadRequest("{title} has no plan yet: save it once there is one.", title=campaign.title)
        text = saved(campaign)
        template = read_template(name, text)
        await self._kept.keep_template(campaign.tenant, name, text, saved_by)
        return template
