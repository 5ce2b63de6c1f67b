"""Where the steps of a campaign are said to be: their address tells that nothing of them is posted."""

from core.campaigns.incidents import Turn

STEP = "step:"
"""What the address of a step begins with; the campaign's own comes after it. No chat is called so."""


def silent(turn: Turn) -> Turn:
    """Return a turn whose runs post nothing, on any replay and after any restart, because of where they are."""
    starts = (
        start.but(collaboration=start.collaboration.but(address=STEP + turn.campaign.address)) for start in turn.starts
    )
    return turn.but(starts=tuple(starts)) if turn.starts else turn
