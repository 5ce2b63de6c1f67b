"""What goes wrong on the way to the Windows host, in words."""

from core.adapters.sandboxes.hyperv.trouble import Trouble, shown
from core.adapters.sandboxes.hyperv.where import Remote
from core.sentences import said

_DENIED = 5
"""Windows' own number: access is denied."""
_QUOTAS = {2150859173, 2150859174, 2150859181}
"""WSMan's numbers: too many shells, of this user or of all."""


class Missing(Trouble):
    """Dexter's own part of it is not installed."""

    def __init__(self) -> None:
        found = said("the client for remote PowerShell is not installed")
        super().__init__(found, said("Install it: uv sync --extra hyperv."))


def explained(error: Exception, remote: Remote) -> Trouble:
    """Return what an error of the client for remote PowerShell means."""
    import requests  # comes with pypsrp, which is only there where it is wanted
    from pypsrp.exceptions import AuthenticationError, WSManFaultError
    from requests_credssp import exceptions as credssp  # type: ignore[import-untyped]
    from spnego.exceptions import SpnegoError

    reason = shown(str(error), remote.secrets)
    match error:
        case requests.exceptions.SSLError():
            return _tls(remote, reason)
        case AuthenticationError():
            return _refused(remote, reason)
        case SpnegoError() | credssp.AuthenticationException() | credssp.NTStatusException() | ImportError():
            found = said("no login by {transport} can be made: {reason}", transport=remote.transport, reason=reason)
            return Trouble(found, said("Choose another sandbox.hyperv.transport, or install what it needs."))
        case WSManFaultError():
            return _fault(remote, error.code, shown(error.reason or str(error), remote.secrets))
        case requests.exceptions.ReadTimeout():
            return _gone(remote, reason)
        case requests.exceptions.ConnectionError() if "Connection aborted" in reason or "Read timed out" in reason:
            return _gone(remote, reason)
        case requests.exceptions.RequestException():
            found = said("the Windows host {host} cannot be reached: {reason}", host=remote.place, reason=reason)
            remedy = said("Check sandbox.hyperv.host and port, the firewall, and that WinRM listens there.")
            return Trouble(found, remedy, lasting=False)
    return _odd(remote, reason)


def _tls(remote: Remote, reason: str) -> Trouble:
    if "CERTIFICATE_VERIFY_FAILED" in reason or "hostname" in reason:
        found = said(
            "the certificate of the Windows host {host} is not trusted: {reason}", host=remote.place, reason=reason
        )
        remedy = said("Put the certificate of whoever signed it, as PEM, into the file sandbox.hyperv.authority.")
        return Trouble(found, remedy)
    found = said("the Windows host {host} does not speak TLS as it should: {reason}", host=remote.place, reason=reason)
    return Trouble(found, said("Make WinRM listen on HTTPS there, and set sandbox.hyperv.port to where it does."))


def _refused(remote: Remote, reason: str) -> Trouble:
    found = said("the Windows host {host} does not let Dexter in: {reason}", host=remote.place, reason=reason)
    return Trouble(found, said("Set sandbox.hyperv.user, password and transport to what the host takes."))


def _fault(remote: Remote, code: object, reason: str) -> Trouble:
    if code == _DENIED:
        found = said("{user} may not use remote PowerShell on {host}", user=remote.user or "?", host=remote.place)
        return Trouble(found, said("Add that user to the group Remote Management Users there."))
    if code in _QUOTAS:
        found = said("the Windows host {host} has too many sessions open: {reason}", host=remote.place, reason=reason)
        return Trouble(found, said("Raise MaxShellsPerUser there, or try again in a minute."), lasting=False)
    return _odd(remote, reason)


def _gone(remote: Remote, reason: str) -> Trouble:
    found = said("the Windows host {host} stopped answering: {reason}", host=remote.place, reason=reason)
    return Trouble(found, said("Try again once it is back."), lasting=False)


def _odd(remote: Remote, reason: str) -> Trouble:
    found = said("the Windows host {host} did not answer as it should: {reason}", host=remote.place, reason=reason)
    return Trouble(found, said("Look into its event log for Windows Remote Management."), lasting=False)
