"""The operations of WSMan that remote PowerShell uses, over sessions of PSRP: envelopes in, envelopes out.

https://learn.microsoft.com/openspecs/windows_protocols/ms-wsmv
"""

import base64
import re
import threading
import uuid
import xml.etree.ElementTree as ET

from tests.doubles.psrp_shell import Fault, Handler, Shell

NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "pwsh": "http://schemas.microsoft.com/powershell",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
}
STATE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/"
FAULT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
NO_SUCH_SHELL = 2150858843
TOO_MANY_SHELLS = 2150859174


def tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMES[prefix]}}}{local}"


def sub(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, tag(name), attributes)
    made.text = text
    return made


class Soap:
    """The service behind the HTTP server."""

    def __init__(self, handler: Handler, most_shells: int = 20) -> None:
        self.shells: dict[str, Shell] = {}
        self.asked: list[str] = []
        self._handler = handler
        self._most = most_shells
        self._lock = threading.Lock()

    def answer(self, body: bytes, user: str) -> tuple[int, bytes]:
        """Return the HTTP status and the envelope for an envelope."""
        request = ET.fromstring(body)  # noqa: S314  the tests' own client's
        header, content = request.find("s:Header", NAMES), request.find("s:Body", NAMES)
        assert header is not None
        assert content is not None
        action = header.findtext("a:Action", "", NAMES)
        operation = action.rpartition("/")[2]
        self.asked.append(operation)
        try:
            parts = getattr(self, f"_{operation.lower()}")(header, content, user)
            status, action = 200, f"{action}Response"
        except Fault as fault:
            status, action, parts = 500, FAULT, [_fault(fault)]
        envelope = ET.Element(tag("s:Envelope"))
        head = sub(envelope, "s:Header")
        sub(head, "a:Action", action)
        sub(head, "a:MessageID", f"uuid:{str(uuid.uuid4()).upper()}")
        sub(head, "a:RelatesTo", header.findtext("a:MessageID", "", NAMES))
        sub(envelope, "s:Body").extend(parts)
        return status, ET.tostring(envelope, encoding="utf-8")

    def close(self) -> None:
        for shell in self.shells.values():
            shell.close()

    def _shell(self, header: ET.Element) -> Shell:
        selectors = header.findall("w:SelectorSet/w:Selector", NAMES)
        named = next(((each.text or "").upper() for each in selectors if each.get("Name") == "ShellId"), "")
        if named not in self.shells:
            raise Fault(NO_SUCH_SHELL, f"The shell {named} was not found on the server.")
        return self.shells[named]

    def _create(self, header: ET.Element, content: ET.Element, user: str) -> list[ET.Element]:
        asked = content.find("rsp:Shell", NAMES)
        assert asked is not None
        named = (asked.get("ShellId") or str(uuid.uuid4())).upper()
        with self._lock:
            if sum(shell.owner == user for shell in self.shells.values()) >= self._most:
                raise Fault(TOO_MANY_SHELLS, f"This user is allowed {self._most} concurrent shells.")
            shell = self.shells[named] = Shell(self._handler, user)
        shell.feed(base64.b64decode(asked.findtext("pwsh:creationXml", "", NAMES)))
        resource = header.findtext("w:ResourceURI", "", NAMES)
        created = ET.Element(tag("x:ResourceCreated"))
        sub(created, "a:Address", "http://127.0.0.1/wsman")
        reference = sub(created, "a:ReferenceParameters")
        sub(reference, "w:ResourceURI", resource)
        sub(sub(reference, "w:SelectorSet"), "w:Selector", named, Name="ShellId")
        return [created, _described(named, resource, user)]

    def _command(self, header: ET.Element, content: ET.Element, user: str) -> list[ET.Element]:
        line = content.find("rsp:CommandLine", NAMES)
        assert line is not None
        named = (line.get("CommandId") or str(uuid.uuid4())).upper()
        data = "".join(each.text or "" for each in line.findall("rsp:Arguments", NAMES))
        self._shell(header).feed(base64.b64decode(data), uuid.UUID(named))
        response = ET.Element(tag("rsp:CommandResponse"))
        sub(response, "rsp:CommandId", named)
        return [response]

    def _send(self, header: ET.Element, content: ET.Element, user: str) -> list[ET.Element]:
        for stream in content.findall("rsp:Send/rsp:Stream", NAMES):
            named = stream.get("CommandId")
            self._shell(header).feed(base64.b64decode(stream.text or ""), uuid.UUID(named) if named else None)
        return [ET.Element(tag("rsp:SendResponse"))]

    def _receive(self, header: ET.Element, content: ET.Element, user: str) -> list[ET.Element]:
        wanted = content.find("rsp:Receive/rsp:DesiredStream", NAMES)
        assert wanted is not None
        named = wanted.get("CommandId")
        found = re.match(r"PT([\d.]+)S", header.findtext("w:OperationTimeout", "PT60S", NAMES))
        seconds = float(found[1]) if found else 60.0
        fragments, over = self._shell(header).receive(uuid.UUID(named) if named else None, seconds)
        response = ET.Element(tag("rsp:ReceiveResponse"))
        own = {"CommandId": named} if named else {}
        for fragment in fragments:
            sub(response, "rsp:Stream", base64.b64encode(fragment).decode(), Name="stdout", **own)
        if named:
            sub(response, "rsp:CommandState", CommandId=named, State=STATE + ("Done" if over else "Running"))
        return [response]

    def _signal(self, header: ET.Element, content: ET.Element, user: str) -> list[ET.Element]:
        signal = content.find("rsp:Signal", NAMES)
        assert signal is not None
        code = signal.findtext("rsp:Code", "", NAMES)
        self._shell(header).signal(uuid.UUID(signal.get("CommandId")), code)
        return [ET.Element(tag("rsp:SignalResponse"))]

    def _delete(self, header: ET.Element, content: ET.Element, user: str) -> list[ET.Element]:
        shell = self._shell(header)
        shell.close()
        self.shells = {named: each for named, each in self.shells.items() if each is not shell}
        return []


def _described(named: str, resource: str, user: str) -> ET.Element:
    shell = ET.Element(tag("rsp:Shell"))
    for name, value in {
        "ShellId": named,
        "ResourceUri": resource,
        "Owner": user,
        "ClientIP": "127.0.0.1",
        "IdleTimeOut": "PT7200.000S",
        "InputStreams": "stdin pr",
        "OutputStreams": "stdout",
        "ShellRunTime": "P0DT0H0M0S",
        "ShellInactivity": "P0DT0H0M0S",
    }.items():
        sub(shell, f"rsp:{name}", value)
    return shell


def _fault(fault: Fault) -> ET.Element:
    made = ET.Element(tag("s:Fault"))
    sub(sub(made, "s:Code"), "s:Value", "s:Receiver")
    sub(sub(made, "s:Reason"), "s:Text", fault.reason)
    detail = sub(sub(made, "s:Detail"), "f:WSManFault", Code=str(fault.code), Machine="HV-HOST-01")
    sub(detail, "f:Message", fault.reason)
    return made
