"""What a skill may have beyond its input: the secrets and hosts that it asked for and a person approved, by name."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from core.entities import Noun
from core.errors import BadRequest
from core.wishes import check_secrets, target


class Granted(Noun):
    """Secrets by their names, and hosts."""

    secrets: Mapping[str, SecretStr] = {}
    network: tuple[str, ...] = ()


NOTHING = Granted()


def granted(permissions: Sequence[str], secrets: Mapping[str, SecretStr]) -> Granted:
    """Return what permissions (`network:host`, `secret:NAME`) come to. `secrets`: those that an administrator set.

    Raises `BadRequest` for a secret that is not set.
    """
    wanted = [each.removeprefix("secret:") for each in permissions if each.startswith("secret:")]
    if missing := [name for name in wanted if name not in secrets]:
        text = "The secret {name} is not set: an administrator can set it in `skills.secrets`."
        raise BadRequest(text, name=missing[0][:64])
    hosts = tuple(each.removeprefix("network:") for each in permissions if each.startswith("network:"))
    given = {name: secrets[name] for name in wanted}
    check_secrets(given)
    for host in hosts:
        target(host)
    return Granted(secrets=given, network=hosts)
