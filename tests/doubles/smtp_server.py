"""A mail server on a socket of this machine, which can refuse, be busy, hang and drop the line."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.doubles.certificates import Certificates

USER, PASSWORD = b"dexter", b"l3tter-box"


@dataclass
class Box:
    """What the server took, and how it behaves: one word for each letter that comes, then it takes everything."""

    port: int = 0
    moods: list[str] = field(default_factory=list)
    """`take`, `drop after` (it takes the letter, and the line is gone), `busy`, `refuse`, `nobody`, `hang`, `drop`."""
    letters: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    tries: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a letter has come, whatever became of it."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, unless there is nobody of that name."""
        if self.moods and self.moods[0] == "nobody":
            self.moods.pop(0)
            self.tries += 1
            return "550 5.1.1 There is nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Take a letter, or do what the mood is."""
        self.tries += 1
        self.came.set()
        mood = self.moods.pop(0) if self.moods else "take"
        if mood in ("take", "drop after"):
            self.letters.append(message_from_bytes(bytes(envelope.content or b""), policy=policy.default))
            self.encrypted.append(session.ssl is not None)
        match mood:
            case "busy":
                return "451 4.3.0 Come back later"
            case "refuse":
                return "554 5.7.1 No letters of this sort"
            case "hang":
                await asyncio.sleep(60)
            case "drop" | "drop after":
                server.transport.abort()
        return "250 Taken"

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        """Let one person in."""
        self.logins.append(data.login)
        return AuthResult(success=(data.login, data.password) == (USER, PASSWORD), handled=False)


@asynccontextmanager
async def mail_server(certificates: Certificates | None = None, *, login: bool = False) -> AsyncIterator[Box]:
    """Give a server that is listening; with certificates it offers STARTTLS, and wants it."""
    box, context = Box(), None
    if certificates:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.server, certificates.server_key)
    settings: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True}
    if context:
        settings |= {"tls_context": context, "require_starttls": True}
    if login:
        settings |= {"authenticator": box.login, "auth_required": True, "auth_require_tls": context is not None}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop, **settings), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for task in asyncio.all_tasks():
            if "SMTP._handle_client" in repr(task.get_coro()):
                task.cancel()
