"""Programs in containers of Docker or Podman: gVisor's kernel where the engine runs it, else Linux behind a filter."""

from core.adapters.sandboxes.container.sandbox import Container

__all__ = ["Container"]
