"""Programs in virtual machines of a Windows host: remote PowerShell to the host, PowerShell Direct into the guest."""

from core.adapters.sandboxes.hyperv.sandbox import HyperV
from core.adapters.sandboxes.hyperv.where import Guest, Machine, Remote

__all__ = ["Guest", "HyperV", "Machine", "Remote"]
