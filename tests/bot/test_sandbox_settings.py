"""The settings of a Windows host: what they need together, and that its secrets are known to the log."""

import re
from pathlib import Path

import pytest

from bot.parts import sandbox_of, windows_of
from bot.settings import load, secrets
from core.adapters.sandboxes.hyperv import HyperV
from core.errors import Misconfigured

ROOT = Path(__file__).parents[2]
VM = "6b1c2a34-0d6a-4b52-9b53-1f7c1d0a1b2c"
WHOLE = {
    "host": "host.example.com",
    "guest_user": "Administrator",
    "vms": [{"vm": VM, "checkpoint": VM}],
}


def toml(tmp_path: Path, **changes: object) -> Path:
    values = {**WHOLE, **changes}
    file = tmp_path / "dexter.toml"
    vms = ", ".join(f'{{vm = "{each["vm"]}", checkpoint = "{each["checkpoint"]}"}}' for each in values.pop("vms"))
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    file.write_text("\n".join(['[sandbox]\nkind = "hyperv"\n[sandbox.hyperv]', f"vms = [{vms}]", *lines]), "utf-8")
    return file


async def test_a_windows_host_that_is_named_is_what_runs_skills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEXTER_SANDBOX__HYPERV__PASSWORD", "of-the-host")
    monkeypatch.setenv("DEXTER_SANDBOX__HYPERV__GUEST_PASSWORD", "of-the-guest")
    settings = load(toml(tmp_path), {})
    assert {"of-the-host", "of-the-guest"} <= set(secrets(settings, {}))
    made = windows_of(settings.sandbox.hyperv, 5)
    assert isinstance(made, HyperV)
    assert "of-the" not in repr(vars(made)) + repr(settings)
    chosen = sandbox_of(settings)
    await chosen.aclose()
    await made.aclose()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vms": []}, "a host needs vms"),
        ({"guest_user": ""}, "a host needs vms"),
        ({"host": ""}, "names no Windows host"),
        ({"vms": [{"vm": "its-name", "checkpoint": VM}]}, "UUID"),
        ({"vms": [{"vm": VM, "checkpoint": VM}] * 2}, "another virtual machine"),
        ({"transport": "certificate"}, "needs certificate, key and tls"),
        ({"transport": "basic"}, "transport"),
        ({"boot": 1}, "boot"),
    ],
)
def test_what_cannot_work_is_said_at_the_start(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        load(toml(tmp_path, **changes), {})


def test_the_example_of_its_documentation_is_taken(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs" / "hyperv.md").read_text("utf-8"), re.M | re.S)
    file = tmp_path / "dexter.toml"
    ids = iter(range(10))
    file.write_text(re.sub(r'"[0-9a-f]{4}…"', lambda _: f'"{VM[:-1]}{next(ids)}"', example), "utf-8")
    assert len(load(file, {}).sandbox.hyperv.vms) == 2
