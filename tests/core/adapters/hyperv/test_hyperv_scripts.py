"""The scripts that go to Windows, read by a parser: they are PowerShell, and keep the rules that keep them safe.

No PowerShell runs here. What a parser cannot see is in docs/hyperv.md, with the run that shows it on a real host.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.adapters.sandboxes.hyperv import link, payload, selfcheck, work
from tests.doubles.powershell_tree import nodes, parameters, parsed, text

FOLDER = Path(link.__file__).parent
SCRIPTS = {file.name: file.read_text("utf-8") for file in sorted(FOLDER.rglob("*.ps1"))}
GIVEN = {
    "_", "null", "true", "false", "pid", "lastexitcode", "executioncontext", "psscriptroot", "erroractionpreference",
    "progresspreference",
}  # fmt: skip
"""Variables that PowerShell has by itself."""
BANNED = {
    "invoke-expression",
    "iex",
    "invoke-webrequest",
    "iwr",
    "curl",
    "start-process",
    "set-executionpolicy",
    "write-host",
}


def test_all_three_are_there() -> None:
    assert set(SCRIPTS) == {"host.ps1", "guest.ps1", "probe.ps1"}
    assert SCRIPTS["host.ps1"] == link.SCRIPT
    assert SCRIPTS["guest.ps1"] == work.GUEST_SCRIPT
    assert selfcheck.probe.__module__.endswith("selfcheck")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_powershell(name: str) -> None:
    assert not parsed(SCRIPTS[name]).has_error
    assert parsed(SCRIPTS[name].replace("param(", "param((", 1)).has_error  # the parser does notice


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_variable_is_a_parameter_or_was_set(name: str) -> None:
    root = parsed(SCRIPTS[name])
    known = GIVEN | {
        text(each)[1:].lower() for each in nodes(root, "script_parameter") for each in nodes(each, "variable")
    }
    for each in nodes(root, "left_assignment_expression"):
        known |= {text(one)[1:].lower() for one in nodes(each, "variable")}
    for each in nodes(root, "foreach_statement"):
        known.add(text(next(nodes(each, "variable")))[1:].lower())
    used = {text(each).strip("${}").lower() for each in nodes(root, "variable", "braced_variable")}
    assert {each for each in used if not each.startswith("env:")} - known == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_nothing_runs_that_was_put_together_as_text(name: str) -> None:
    root = parsed(SCRIPTS[name])
    assert {text(each).lower() for each in nodes(root, "command_name")} & BANNED == set()
    assert "scriptblock]::create" not in SCRIPTS[name].lower()
    assert "-command" not in {text(each).lower() for each in nodes(root, "command_parameter")}
    for command in nodes(root, "command"):
        first = text(command.named_children[0])
        assert not first.startswith("$") or "System32" in text(command) or first == "$Python", text(command)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_error_ends_a_script_and_nothing_is_read_that_is_not_there(name: str) -> None:
    assert "$ErrorActionPreference = 'Stop'" in SCRIPTS[name]
    assert "Set-StrictMode -Version 2" in SCRIPTS[name]


def test_no_parameter_of_the_host_script_stands_in_a_text_that_is_a_command() -> None:
    """Inside quotation marks a parameter may only be part of what is thrown, or of a number."""
    root = parsed(SCRIPTS["host.ps1"])
    names = set(parameters(root))
    spliced = []
    for literal in nodes(root, "expandable_string_literal"):
        used = {text(each)[1:].lower() for each in literal.named_children if each.type == "variable"}
        around = literal.parent
        while around is not None and around.type not in ("flow_control_statement", "command", "statement_list"):
            around = around.parent
        thrown = around is not None and text(around).startswith("throw")
        spliced += [text(literal)] if used & names and not thrown else []
    assert spliced == []


def test_the_host_script_takes_what_it_is_given_and_secrets_as_such() -> None:
    wanted = parameters(parsed(SCRIPTS["host.ps1"]))
    assert {name: kind for name, (kind, _, _) in wanted.items()}["guestpassword"] == "securestring"
    assert (wanted["vmid"][0], wanted["checkpointid"][0], wanted["payload"][0]) == ("guid", "guid", "byte[]")
    assert {name for name, (_, mandatory, _) in wanted.items() if mandatory} == {
        "action",
        "nonce",
        "vmid",
        "checkpointid",
    }


def test_however_it_ends_the_machine_is_restored() -> None:
    root = parsed(SCRIPTS["host.ps1"])
    clause = next(iter(nodes(root, "finally_clause")))
    called = [text(each) for each in nodes(clause, "command_name")]
    assert called[0] == "Restore-Machine"
    assert "Remove-PSSession" in called
    tried = clause.parent
    assert tried is not None
    begun = [text(each) for each in nodes(tried.named_children[0], "command_name")]
    assert begun.index("Lock-Machine") < begun.index("Restore-Machine") < begun.index("Test-Apart")
    assert begun.index("Test-Apart") < begun.index("Start-Machine") < begun.index("Connect-Guest")
    restoring = next(
        each for each in nodes(root, "function_statement") if "Restore-Machine" in text(each).split("{")[0]
    )
    names = [text(each) for each in nodes(restoring, "command_name")]
    assert names[0] == "Stop-Machine"
    assert names[-1] == "Restore-VMSnapshot"


def test_a_machine_is_meant_by_its_id_alone() -> None:
    script = SCRIPTS["host.ps1"]
    assert re.findall(r"Get-VM (-\w+)", script) == ["-Id"]
    assert re.findall(r"New-PSSession (-\w+)", script) == ["-VMId"]
    assert "-VMName" not in script


def test_the_passwords_of_the_guest_go_nowhere_but_into_its_login() -> None:
    uses = [line.strip() for line in SCRIPTS["host.ps1"].splitlines() if "$GuestPassword" in line]
    assert len(uses) == 2
    assert uses[1].startswith("$credential = New-Object Management.Automation.PSCredential")
    assert "password" not in SCRIPTS["guest.ps1"].lower()


@pytest.mark.skipif(shutil.which("mcs") is None, reason="mono-mcs is not installed: it only shows that the C# compiles")
def test_what_powershell_compiles_in_the_guest_compiles(tmp_path: Path) -> None:
    sources = sorted(map(str, payload._GUEST.glob("*.cs")))
    line = [
        "mcs",
        "-langversion:5",
        "-target:library",
        "-warnaserror",
        "-warn:4",
        f"-out:{tmp_path}/cell.dll",
        *sources,
    ]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
