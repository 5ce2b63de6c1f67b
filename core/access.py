"""Who may do what: the one place where a role becomes a permission."""

from enum import StrEnum

from core.entities import Principal, Role
from core.errors import NotAllowed
from core.sentences import said


class Permission(StrEnum):
    """What a command may need. The value completes the sentence 'You may not …'."""

    READ = "look at what Dexter has done"
    ASK = "ask the committee"
    JUDGE = "give feedback on answers"
    STOP_OWN = "stop your own questions"
    STOP_ANY = "stop the questions of others"
    CONFIGURE = "change how Dexter behaves in a channel"
    OPERATE = "see how Dexter itself is doing"
    RUN_SKILLS = "run skills"
    DRAFT = "have skills written"
    SKILLS = "bring skills in, test, promote or retire them"
    CAMPAIGN = "start campaigns, and steer your own"
    CAMPAIGN_ANY = "steer the campaigns of others"
    SCHEDULE = "have Dexter do things at set times"
    REPORT = "have reports made"
    APPROVE_REACH = "approve that a skill reaches the network or a secret"


_GUEST = frozenset({Permission.READ})
_MEMBER = _GUEST | {
    Permission.ASK, Permission.JUDGE, Permission.STOP_OWN, Permission.RUN_SKILLS, Permission.DRAFT, Permission.CAMPAIGN,
    Permission.SCHEDULE, Permission.REPORT,
}  # fmt: skip
_OPERATOR = _MEMBER | {
    Permission.STOP_ANY, Permission.OPERATE, Permission.CONFIGURE, Permission.SKILLS, Permission.CAMPAIGN_ANY,
}  # fmt: skip

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.GUEST: _GUEST,
    Role.MEMBER: _MEMBER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMINISTRATOR: frozenset(Permission),
}


def may(principal: Principal, permission: Permission) -> bool:
    """Tell whether a person's role includes a permission."""
    return permission in GRANTS[principal.role]


def require(principal: Principal, permission: Permission) -> None:
    """Raise `NotAllowed`, with a sentence that says which role would do, unless the person may."""
    if may(principal, permission):
        return
    least = next(role for role in Role if permission in GRANTS[role])
    raise NotAllowed(
        "You may not {do}: your role here is {role}, and it takes {least} or more. "
        "An administrator can change that under [people] in dexter.toml.",
        do=said(permission.value),
        role=said(principal.role.value),
        least=said(least.value),
    )
