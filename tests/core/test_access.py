from itertools import pairwise

import pytest

from bot.commands.table import COMMANDS
from core.access import GRANTS, Permission, may, require
from core.entities import Principal, Role
from core.errors import NotAllowed


def person(role):
    return Principal(tenant="local", id="local:ann", name="Ann", role=role)


def test_each_role_may_all_that_the_role_below_it_may():
    roles = list(Role)
    for lower, higher in pairwise(roles):
        assert GRANTS[lower] <= GRANTS[higher]


def test_a_guest_may_look_and_not_ask():
    require(person(Role.GUEST), Permission.READ)
    with pytest.raises(NotAllowed, match="You may not ask the committee: your role here is guest, and it takes member"):
        require(person(Role.GUEST), Permission.ASK)


def test_only_an_operator_stops_the_questions_of_others():
    assert not may(person(Role.MEMBER), Permission.STOP_ANY)
    assert may(person(Role.OPERATOR), Permission.STOP_ANY)


def test_an_administrator_may_everything():
    assert all(may(person(Role.ADMINISTRATOR), permission) for permission in Permission)


def test_every_command_names_the_permission_it_needs():
    assert all(isinstance(command.permission, Permission) for command in COMMANDS)
