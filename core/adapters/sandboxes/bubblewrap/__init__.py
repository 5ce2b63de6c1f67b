"""Programs under bubblewrap: Linux namespaces, a filter of system calls, and bounds by cgroup or by limits."""

from core.adapters.sandboxes.bubblewrap.sandbox import Bubblewrap

__all__ = ["Bubblewrap"]
