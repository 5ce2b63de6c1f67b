"""Python packages for skills: fetched by pip as wheels, unpacked as data, never installed or imported here."""

from core.adapters.packages.wheelhouse import Wheelhouse

__all__ = ["Wheelhouse"]
