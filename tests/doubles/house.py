"""A whole Dexter for walks: settings in a file, a scripted committee of three, a database of its own."""

import json
from pathlib import Path

MEMBERS = ("Dexter", "analyst", "engineer")
TEXTS = {
    "Dexter": "Yes: move in small steps, and keep the old one for a month.",
    "analyst": "No: it works today, and the move costs two weeks.",
    "engineer": "Yes, but only once the tests run in under ten minutes.",
}


def ballot(*letters: str, confidence: float = 0.8, reason: str = "It names what it costs.") -> str:
    return json.dumps({"ranking": list(letters), "confidence": confidence, "reason": reason})


def script() -> dict[str, list[str]]:
    """Return replies for the pattern `panel`: propose, critique, revise, vote, round and round."""
    return {
        member: [text, f"The others forget what {member} knows.", f"{text} Revised.", ballot("A", "B", "C")]
        for member, text in TEXTS.items()
    }


def settings(folder: Path, extra: str = "", replies: dict[str, list[str]] | None = None, database: str = "") -> Path:
    """Write `dexter.toml` and its script into `folder`, and return its path."""
    (folder / "script.json").write_text(json.dumps(replies or script()))
    members = "".join(
        f'[[committees.default.members]]\nname = "{name}"\nmodel = "scripted/{name}"\nrole = "{name}"\ntimeout = 20\n'
        for name in MEMBERS
    )
    path = folder / "dexter.toml"
    path.write_text(
        f'home = "{folder}"\n[models]\nscript = "{folder / "script.json"}"\n'
        + (f'[database]\nurl = "{database}"\n' if database else "")
        + f'[committees.default]\npattern = "panel"\ngrace = 5\n{members}{extra}'
    )
    return path
