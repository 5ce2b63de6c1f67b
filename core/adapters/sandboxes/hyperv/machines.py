"""Which virtual machines are free: one program at a time in each."""

import contextlib
import threading
from collections.abc import Iterator, Sequence

from core.adapters.sandboxes.hyperv.where import Machine
from core.errors import Unavailable

_LOOK = 0.2
"""Seconds between two looks at whether someone who waits is wanted no more."""


class Machines:
    """They are taken and given back by threads."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self._free = list(machines)
        self._known = tuple(machines)
        self._fit: frozenset[Machine] = frozenset()
        self._changed = threading.Condition()

    @property
    def all(self) -> Sequence[Machine]:
        """Return all of them."""
        return self._known

    def trust(self, fit: Sequence[Machine]) -> None:
        """Let programs into these alone, from now on."""
        with self._changed:
            self._fit = frozenset(fit)
            self._changed.notify_all()

    @contextlib.contextmanager
    def taken(self, only: Machine | None, stop: threading.Event) -> Iterator[Machine]:
        """Have one for the time of the body: `only` this one, or any that is fit.

        Raises `Unavailable` where `stop` comes first, and where none is fit.
        """
        machine = self._take(only, stop)
        try:
            yield machine
        finally:
            with self._changed:
                self._free.append(machine)
                self._changed.notify_all()

    def _take(self, only: Machine | None, stop: threading.Event) -> Machine:
        with self._changed:
            while (machine := self._next(only)) is None:
                if stop.is_set():
                    raise Unavailable("The sandbox is being closed.")
                if only is None and not self._fit:
                    raise Unavailable("No virtual machine is fit for programs any more. `dexter doctor` says why.")
                self._changed.wait(_LOOK)
            self._free.remove(machine)
            return machine

    def _next(self, only: Machine | None) -> Machine | None:
        wanted = (each for each in self._free if (each in self._fit if only is None else each == only))
        return next(wanted, None)
