from bot.people import FixedDirectory
from core.entities import Role


async def test_roles_come_from_the_settings_and_everybody_else_has_the_default():
    people = FixedDirectory({"slack:U1": Role.OPERATOR}, Role.GUEST)
    assert (await people.find("slack:T1", "slack:U1", "Ann")).role is Role.OPERATOR
    stranger = await people.find("slack:T1", "slack:U2", "Bob")
    assert (stranger.role, stranger.name, stranger.tenant) == (Role.GUEST, "Bob", "slack:T1")


async def test_a_role_for_one_tenant_is_not_a_role_in_another():
    people = FixedDirectory({"slack:T1/slack:U1": Role.ADMINISTRATOR}, Role.MEMBER)
    assert (await people.find("slack:T1", "slack:U1", "Ann")).role is Role.ADMINISTRATOR
    assert (await people.find("slack:T2", "slack:U1", "Ann")).role is Role.MEMBER


async def test_who_is_at_the_terminal_runs_dexter_and_is_an_operator_unless_named_otherwise():
    people = FixedDirectory({"local:eve": Role.GUEST}, Role.MEMBER)
    assert (await people.find("local", "local:ann", "Ann")).role is Role.OPERATOR
    assert (await people.find("local", "local:eve", "Eve")).role is Role.GUEST
    assert (await people.find("slack:T1", "slack:U1", "Ann")).role is Role.MEMBER
