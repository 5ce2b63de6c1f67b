"""A WSMan server on a real socket, as WinRM is one: HTTP or HTTPS, logins by Negotiate (NTLM) or client certificate.

pypsrp cannot tell it from WinRM for what it uses. What PowerShell does is played by a handler, and only played.
"""

import atexit
import base64
import os
import re
import shutil
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import spnego

from tests.doubles.certificates import Certificates
from tests.doubles.psrp_shell import Handler
from tests.doubles.psrp_soap import Soap

DOMAIN, USER = "HV", "dexter"
SOAP = "application/soap+xml;charset=UTF-8"
Ill = Literal["", "drop", "stall", "401", "503", "garbage"]
"""What the next requests meet instead of an answer."""


def _let_in(password: str) -> None:
    """Have spnego's acceptor know the user; it takes that from one file for the whole process, and in no other way."""
    if not os.environ.get("NTLM_USER_FILE"):
        folder = tempfile.mkdtemp(prefix="ntlm-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["NTLM_USER_FILE"] = f"{folder}/users"
    Path(os.environ["NTLM_USER_FILE"]).write_text(f"{DOMAIN}:{USER}:{password}\n")


class Server:
    """Serves until it is closed. `ill` decides for each operation whether something goes wrong."""

    def __init__(
        self, handler: Handler, password: str, folder: Path, *, tls: bool = True, most_shells: int = 20
    ) -> None:
        self.soap = Soap(handler, most_shells)
        self.ill: Callable[[str], Ill] = lambda _: ""
        self.tls = tls
        self.refused = 0
        self.wrapped = 0
        self._over = threading.Event()
        _let_in(password)
        self.certificates = Certificates(folder)
        self._http = _Http(("127.0.0.1", 0), _handler_of(self))
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificates.server, self.certificates.server_key)
            context.load_verify_locations(self.certificates.authority)
            context.verify_mode = ssl.CERT_OPTIONAL
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stall(self) -> None:
        """Say nothing for as long as the server lives."""
        self._over.wait(120)

    def close(self) -> None:
        self._over.set()
        self.soap.close()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections end in every way here."""


def _handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Connection(_Connection):
        owner = server

    return Connection


class _Connection(BaseHTTPRequestHandler):
    """One connection, which is what a login by Negotiate is for."""

    owner: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    login: Any = None
    user = ""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        encrypted = self.headers.get("Content-Type", "").startswith("multipart/encrypted")
        more = self._let_in()
        if more is None:
            return
        if not body:
            self._answer(200, b"", **more)
            return
        if encrypted:
            body = self._unwrapped(body)
        elif not self.owner.tls:
            self._answer(500, b"not encrypted")
            return
        if self._fails(self.owner.ill(_operation(body))):
            return
        status, told = self.owner.soap.answer(body, self.user)
        if not encrypted:
            self._answer(status, told, **more)
            return
        self.owner.wrapped += 1
        self._answer(status, self._wrapped(told), _multipart(self.headers["Content-Type"]), **more)

    def _let_in(self) -> dict[str, str] | None:
        """Return the headers of an answer to someone who may come in; `None` where that was answered already."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Negotiate":
            return self._negotiated(base64.b64decode(token))
        if not self.user and self.owner.tls and scheme.endswith("/https/mutual"):
            with suppress(AttributeError, KeyError):
                self.user = dict(part[0] for part in self.connection.getpeercert()["subject"])["commonName"]
        if self.user:
            return {}
        self.owner.refused += 1
        self._answer(401, b"", WWW_Authenticate="Negotiate")
        return None

    def _negotiated(self, token: bytes) -> dict[str, str] | None:
        if self.login is None or self.user:
            self.login, self.user = spnego.server(protocol="negotiate"), ""
        try:
            answer = self.login.step(token)
        except spnego.exceptions.SpnegoError:
            self.login = None
            self.owner.refused += 1
            self._answer(401, b"", WWW_Authenticate="Negotiate")
            return None
        told = "Negotiate" + (f" {base64.b64encode(answer).decode()}" if answer else "")
        if not self.login.complete:
            self._answer(401, b"", WWW_Authenticate=told)
            return None
        self.user = self.login.client_principal
        return {"WWW_Authenticate": told}

    def _fails(self, how: Ill) -> bool:
        match how:
            case "drop":
                self.close_connection = True
                self.connection.close()
            case "stall":
                self.owner.stall()
                self.close_connection = True
            case "401":
                self._answer(401, b"", WWW_Authenticate="Negotiate")
            case "503":
                self._answer(503, b"busy")
            case "garbage":
                self._answer(200, b"<html>not what was asked for", "text/html")
        return bool(how)

    def _answer(self, status: int, content: bytes, kind: str = SOAP, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _unwrapped(self, body: bytes) -> bytes:
        part = body.split(b"--Encrypted Boundary")[2]
        blob = part.split(b"Content-Type: application/octet-stream\r\n", 1)[1]
        size = int.from_bytes(blob[:4], "little")
        plain: bytes = self.login.unwrap_winrm(blob[4 : 4 + size], blob[4 + size :])
        return plain

    def _wrapped(self, content: bytes) -> bytes:
        sealed = self.login.wrap_winrm(content)
        protocol = _protocol(self.headers["Content-Type"])
        kind = f"type={SOAP};Length={len(content) + sealed.padding_length}"
        head = f"--Encrypted Boundary\r\n\tContent-Type: {protocol}\r\n\tOriginalContent: {kind}\r\n"
        head += "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        size = len(sealed.header).to_bytes(4, "little")
        made: bytes = head.encode() + size + sealed.header + sealed.data + b"--Encrypted Boundary--\r\n"
        return made


def _protocol(kind: str) -> str:
    found = re.search('protocol="([^"]+)"', kind)
    assert found
    return found[1]


def _multipart(kind: str) -> str:
    return f'multipart/encrypted;protocol="{_protocol(kind)}";boundary="Encrypted Boundary"'


def _operation(body: bytes) -> str:
    found = re.search(rb"Action[^>]*>[^<]*/(\w+)<", body)
    return found[1].decode() if found else ""


def slowly(seconds: float) -> Callable[[str], Ill]:
    """Return an `ill` of a host that takes its time."""

    def ill(_: str) -> Ill:
        time.sleep(seconds)
        return ""

    return ill
