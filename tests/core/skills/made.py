"""Skills as tests need them."""

from core.skills.folder import Folder

RUNS = """\
---
name: csv-tools
description: Reads CSV files and counts their rows. Use when someone asks about a table.
license: MIT
metadata:
  version: "1.2"
  dexter-language: python
  dexter-entry: scripts/main.py
  dexter-input: |-
    {"type": "object", "properties": {"path": {"type": "string"}}}
  dexter-output: '{"type": "integer"}'
  dexter-permissions: network:api.example.com secret:API_TOKEN
  dexter-skills: |-
    pdf-text>=1,<2
    table-names
  dexter-packages: pandas>=2,<3
  author: someone
---
# How it works

Run it.
"""


def manifest(name="csv-tools", version="", needs="", extra="", description="Does a thing. Use it for that thing."):
    """Return a small SKILL.md."""
    lines = [f"name: {name}", f"description: {description}"]
    lines += ["metadata:", "  author: someone"]
    lines += [f'  version: "{version}"'] * bool(version)
    lines += ["  dexter-skills: |-", *(f"    {need}" for need in needs.split())] if needs else []
    return ("---\n" + "\n".join(lines) + f"\n{extra}---\nBody\n").encode()


def folder(name="csv-tools", files=None, **said):
    """Return a small skill."""
    return Folder({"SKILL.md": manifest(name, **said), **(files or {})})
