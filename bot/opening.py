"""Commands that open a form where a chat has forms: something is named, and nothing is given to it yet."""

import re

_SKILL = r"skill\s+run\s+[a-z0-9-]{1,64}(?:\s+v?\d+(?:\.\d+){1,2})?"
_ID, _REQUEST = r"[a-z2-7]{4,12}", r"(?:\s+--request\s+\d{1,7})?"
_CAMPAIGN = (
    rf"campaign\s+(?:start(?:\s+--template\s+[\w-]{{1,64}})?|(?:add|note|replan)\s+{_ID}|edit\s+{_ID}\s+[\d.]{{1,20}}(?:@\w{{6}})?"
    rf"|answer\s+{_ID}\s+--request\s+\d{{1,7}}|reject\s+{_ID}{_REQUEST}|budget\s+{_ID}\s+--choose)"
)
_OPENS = re.compile(rf"(?:{_SKILL}|{_CAMPAIGN})(?:\s+--)?\s*\Z")


def opens(text: str) -> str:
    """Return the command, on one line, that opens a form; nothing for any other text."""
    line = " ".join(text.split())
    return line.removesuffix(" --") if _OPENS.match(line) else ""
