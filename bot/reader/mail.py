"""E-mail, as it is saved to a file: who, when, about what, and what it says."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from bot.reader.found import Found, Order, cut
from bot.reader.markdown import markdown

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def read(content: bytes, order: Order) -> Found:
    """Return headers, body and the names of what is attached, which is not opened."""
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    heads = [f"{name}: {mail[name]}" for name in _HEADERS if mail[name]]
    names = [str(part.get_filename()) for part in mail.iter_attachments() if part.get_filename()]
    attached = [f"Attached to it, not opened: {', '.join(names)}"] if names else []
    return cut("\n".join([*heads, "", _body(mail), "", *attached]), order)


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except LookupError:  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        text = payload.decode("latin-1") if isinstance(payload, bytes) else ""
    return markdown(text) if part.get_content_subtype() == "html" else text
