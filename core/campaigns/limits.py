"""What the administrator lets campaigns do: by the plan that people approve, and by themselves."""

from core.campaigns.campaign import Campaign
from core.campaigns.rules import Rules
from core.campaigns.sums import Allowance
from core.entities import Noun
from core.errors import BadRequest


class Limits(Noun):
    """The rules, and what is different for those that nobody watches over."""

    rules: Rules = Rules()
    autonomous: bool = True
    """Whether campaigns may go on without a person's approval of the plan."""
    alone: Allowance = Allowance()
    """The most that such a one may take."""

    def rules_for(self, campaign: Campaign) -> Rules:
        """Return the rules of a campaign: an autonomous one may take no more than either allowance."""
        if campaign.mode == "guided":
            return self.rules
        return self.rules.but(allowance=_both(self.rules.allowance, self.alone))

    def check(self, campaign: Campaign) -> None:
        """Raise `BadRequest` for a new campaign of a mode that is not allowed here."""
        if campaign.mode == "autonomous" and not self.autonomous:
            raise BadRequest(
                "Campaigns do not run by themselves here: start it in guided mode, where a person approves the plan. "
                "An administrator can allow the other with `campaigns.autonomous` in dexter.toml."
            )


def _both(one: Allowance, other: Allowance) -> Allowance:
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in Allowance.model_fields}
    return Allowance(**{name: min((v for v in pair if v is not None), default=None) for name, pair in pairs.items()})
