"""A request for a skill, and members that answer it: two write it rightly, one does not."""

import json

REQUEST = '''def double(n: int) -> int:
    """Return twice a number.

    >>> double(2)
    4
    >>> double(-3)
    -6
    """
'''


def block(code: str) -> str:
    """Return a reply with code in it."""
    return f"Here it is:\n\n```python\n{code}\n```\n"


RIGHT = block("def double(n: int) -> int:\n    return n * 2")
WRONG = block("def double(n: int) -> int:\n    return n * n")
TESTS = block("assert double(0) == 0\nassert double(10) == 20")
MEMBERS = {"Dexter": [RIGHT, TESTS], "analyst": [RIGHT, TESTS], "engineer": [WRONG, TESTS]}
"""What the members of `house` say, one reply after the other."""


def replies(prompt: str, member: str) -> str:
    """Return what a member says to a prompt of a draft."""
    if "Others wrote this" in prompt:
        return TESTS
    return WRONG if member == "cat" else RIGHT if "Complete this" in prompt else json.dumps({"ranking": ["A"]})
