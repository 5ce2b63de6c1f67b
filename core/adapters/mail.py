"""Letters handed to an SMTP server, encrypted on the way, to those alone whom an administrator allows."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import formatdate
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Literal

import aiosmtplib
from pydantic import SecretStr

from core.errors import BadRequest, Misconfigured, NotAllowed, Unavailable
from core.reports.letter import Letter
from core.sentences import Sentence, said

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<domain>[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+)")
_BUSY = range(400, 500)
LONGEST = 150
"""Characters of a subject, and of what a server said."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters are handed over; an empty host is none."""

    host: str = ""
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    authority: Path | None = None
    """A file with the certificates to trust, beside those of this machine."""
    user: str = ""
    password: SecretStr = field(default_factory=lambda: SecretStr(""))
    sender: str = ""
    seconds: float = 30.0
    """For one try, from the connection to the server's last word."""


class SmtpMail:
    """`core.reports.letter.Mail` by SMTP."""

    def __init__(self, server: Server, allowed: Sequence[str], pauses: Sequence[float] = (2.0, 10.0)) -> None:
        """`allowed` are addresses and domains (`example.org`); `pauses` are seconds between tries."""
        self._server, self._pauses = server, pauses
        self._allowed = frozenset(each.casefold().lstrip("@") for each in allowed)

    def check(self, address: str) -> None:
        """Raise `BadRequest` for what is no address, and `NotAllowed` for one that nothing is sent to."""
        found = _ADDRESS.fullmatch(address)
        if not found:
            raise BadRequest("“{address}” is no mail address.", address=address[:60])
        if not {address.casefold(), found["domain"].casefold()} & self._allowed:
            text = "Nothing is sent to {address}: an administrator names who may get mail as `mail.allowed`."
            raise NotAllowed(text, address=address)

    async def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises `BadRequest`, `NotAllowed`, `Misconfigured`, and `Unavailable` in the end."""
        self.check(letter.to)
        if not self._server.host or not self._server.sender:
            raise Misconfigured("No mail server is set: an administrator names one as `mail.host`, with `mail.sender`.")
        message = composed(letter, self._server.sender)
        for pause in (*self._pauses, None):
            why, again = await self._tried(message, letter.to)
            if why is None:
                return
            if pause is None or not again:
                raise Unavailable("The mail server did not take the letter to {to}: {why}", to=letter.to, why=why)
            await asyncio.sleep(pause)

    async def _tried(self, message: EmailMessage, to: str) -> tuple[Sentence | None, bool]:
        """Return why the server did not take a letter, if it did not, and whether it may do so in a moment."""
        try:
            async with asyncio.timeout(self._server.seconds):
                await self._handed_over(message, to)
        except (TimeoutError, aiosmtplib.SMTPTimeoutError):
            return said("it did not answer in {seconds:.0f} s.", seconds=self._server.seconds), True
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [each.code for each in error.recipients]
            return _told(error.recipients[0]), all(code in _BUSY for code in codes)
        except aiosmtplib.SMTPAuthenticationError:
            return said("it refused `mail.user` and `mail.password`."), False
        except aiosmtplib.SMTPResponseException as error:
            return _told(error), error.code in _BUSY
        except aiosmtplib.SMTPException as error:
            return said("{name}.", name=type(error).__name__), not _lasting(error)
        except OSError as error:
            return said("{name}.", name=type(error).__name__), True
        return None, False

    async def _handed_over(self, message: EmailMessage, to: str) -> None:
        server = self._server
        await aiosmtplib.send(
            message,
            sender=server.sender,
            recipients=[to],
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password.get_secret_value() or None,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=None if server.tls == "none" else _context(server.authority),
            timeout=server.seconds,
        )


def composed(letter: Letter, sender: str) -> EmailMessage:
    """Return the message: plain text and HTML with its pictures, and the files behind it.

    No header takes a line break. The `Message-ID` is the same on every try, by which a mail that came twice is one.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = Address("Dexter", addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", letter.subject).split())[:LONGEST]
    message["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '.', letter.key)}@{sender.rpartition('@')[2]}>"
    message["Date"] = formatdate()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    shown = message.get_payload()[1]  # type: ignore[index]
    for each in letter.pictures:
        kind, _, sort = each.media.partition("/")
        shown.add_related(each.content, kind, sort, cid=f"<{each.name}>", filename=each.name, disposition="inline")  # type: ignore[union-attr]
    for each in letter.files:
        kind, _, sort = each.media.partition("/")
        message.add_attachment(each.content, kind, sort, filename=each.name)
    return message


def _context(authority: Path | None) -> SSLContext:
    return create_default_context(cafile=str(authority) if authority else None)


def _lasting(error: aiosmtplib.SMTPException) -> bool:
    """Tell whether the same will happen again: a server that cannot encrypt is not asked without."""
    return isinstance(error, aiosmtplib.SMTPNotSupported) or "STARTTLS" in str(error)


def _told(error: aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientRefused) -> Sentence:
    """Return what the server said: text of somebody else's, on one line."""
    return said("{code} {message}", code=error.code, message=" ".join(str(error.message).split())[:LONGEST])
