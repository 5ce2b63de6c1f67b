"""Programs in a virtual machine of their own, which QEMU restores from a snapshot for one run and throws away."""

from core.adapters.sandboxes.microvm.host import Wanted
from core.adapters.sandboxes.microvm.sandbox import MicroVM

__all__ = ["MicroVM", "Wanted"]
