"""How much of a skill its tests go through, counted where the skill runs: a hint, which the skill could forge."""

import contextlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any


class Measure:
    """Counts the lines of the Python files in a folder, out of the skill's sight; without a toolbox, none."""

    def __init__(self, folder: str, toolbox: str) -> None:
        self._folder, self._toolbox = folder, toolbox
        self._loaded: dict[str, ModuleType] = {}
        self._counter: Any = self._begun() if toolbox else None

    def lines(self) -> list[int] | None:
        """Return how many lines were gone through and how many there are, and stop counting."""
        if self._counter is None:
            return None
        counter, self._counter = self._counter, None
        counter.stop()
        went = total = 0
        with self._tools():
            for folder, _, files in os.walk(self._folder):
                for name in files:
                    if name.endswith(".py"):
                        _, lines, _, missing, _ = counter.analysis2(os.path.join(folder, name))
                        went, total = went + len(lines) - len(missing), total + len(lines)
        return [went, total]

    def _begun(self) -> Any:
        with self._tools():
            import coverage  # it lies in the toolbox, which is there only for the time of this

            counter = coverage.Coverage(data_file=None, config_file=False, source=[self._folder], messages=False)
            counter.start()
        return counter

    @contextlib.contextmanager
    def _tools(self) -> Iterator[None]:
        sys.path.append(self._toolbox)
        sys.modules.update(self._loaded)
        try:
            yield
        finally:
            sys.path.remove(self._toolbox)
            self._loaded = {name: sys.modules.pop(name) for name in [*sys.modules] if name.startswith("coverage")}
