"""One message of a thread, as the pages of both chats draw it."""


def message(name: str, face: str, body: str, at: str, *, app: bool = False) -> str:
    """Return a message: who says it, when, and its body as HTML."""
    badge = '<span class="app">APP</span>' if app else ""
    head = f'<div class="who"><b>{name}</b>{badge}<time>{at}</time></div>'
    return f'<article><div class="face {face.lower()}">{face}</div><div class="said">{head}{body}</div></article>'
