"""The directory that needs no server: roles from the settings, identity from the platform."""

from collections.abc import Mapping

from core.entities import Principal, Role

LOCAL = "local"
"""The tenant of the terminal."""


class FixedDirectory:
    """Knows the roles that `[people]` names; everybody else has the default role.

    Who is at the terminal runs Dexter, and could change its settings anyway: an operator, where no role is named.
    """

    def __init__(self, roles: Mapping[str, Role], default: Role) -> None:
        self._roles = roles
        self._default = default

    async def find(self, tenant: str, person: str, name: str) -> Principal:
        """Return the principal. A role may be given for one tenant (`slack:T1/slack:U1`) or for all (`slack:U1`)."""
        default = Role.OPERATOR if tenant == LOCAL else self._default
        role = self._roles.get(f"{tenant}/{person}", self._roles.get(person, default))
        return Principal(tenant=tenant, id=person, name=name, role=role)
