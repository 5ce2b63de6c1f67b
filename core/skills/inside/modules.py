"""Imports in tests: `from main import f`, `from scripts import main` and all that leads to a file of the skill."""

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

from .near import Link
from .things import Origin, Thing, behind

_OF_PYTHON = ("__path__", "__spec__", "__file__", "__loader__", "__package__", "__cached__", "__builtins__", "__name__")
_NEVER = ("_dexter", "_pytest", "pytest", "setup", "teardown", "setUp", "tearDown")
"""How names begin that test runners look for in modules."""


class Module(ModuleType):
    """A module of the skill's: whatever is asked of it is asked of the real one, each time anew."""

    __slots__ = ("_dexter_link", "_dexter_origin")

    _dexter_link: Link
    _dexter_origin: Origin

    def __init__(self, name: str, link: Link, origin: Origin) -> None:
        super().__init__(name)
        super().__setattr__("_dexter_link", link)
        super().__setattr__("_dexter_origin", origin)

    @property
    def __dict__(self) -> "Names":  # type: ignore[override]  # what patches a module looks there for what it replaces
        return Names(self)

    def __getattr__(self, name: str) -> Any:
        if name in _OF_PYTHON or name.startswith(_NEVER):
            raise AttributeError(name)
        if name == "__all__":
            return self._names(public=True)
        value = self._ask("get", name)
        if isinstance(thing := behind(value), Thing):
            thing._dexter = (*thing._dexter[:2], self._dexter_origin._replace(name=name))
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OF_PYTHON or isinstance(value, Module):
            super().__setattr__(name, value)
        else:
            self._ask("set", name, value)

    def __delattr__(self, name: str) -> None:
        self._ask("delete", name)

    def __dir__(self) -> list[str]:
        return self._names(public=False)

    def _names(self, *, public: bool) -> list[str]:
        return [str(name) for name in self._ask("names", public)]

    def _ask(self, operation: str, *arguments: Any) -> Any:
        return self._dexter_link.ask(operation, self._dexter_link.resolve(self._dexter_origin), *arguments)


class Names(Mapping[str, Any]):
    """What a module of the skill's has, by name."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def __getitem__(self, name: str) -> Any:
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(dir(self._module))

    def __len__(self) -> int:
        return len(dir(self._module))


class Importer(MetaPathFinder, Loader):
    """Finds the skill's modules before anything else does; their files are never opened here."""

    def __init__(self, link: Link, names: Mapping[str, str], folder: str) -> None:
        """`names`: what tests call them and what they are called in the skill; `folder`: where their files lie."""
        self._link, self._names, self._folder = link, names, folder

    def install(self) -> None:
        """Take over imports, by their names and by the paths of files."""
        sys.meta_path.insert(0, self)
        loading = importlib.machinery.SourceFileLoader
        ours, create, execute = self, loading.create_module, loading.exec_module

        def create_module(loader: Any, spec: Any) -> Any:
            name = ours._by_path(loader.path)
            return ours._module(spec.name, name) if name else create(loader, spec)

        def exec_module(loader: Any, module: ModuleType) -> None:
            return ours.exec_module(module) if isinstance(module, Module) else execute(loader, module)

        loading.create_module = create_module  # type: ignore[assignment, method-assign]
        loading.exec_module = exec_module  # type: ignore[assignment, method-assign]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how a module of the skill is loaded; nothing for any other."""
        if fullname not in self._names and not fullname.startswith("skills."):
            return None
        package = any(name.startswith(f"{fullname}.") for name in self._names)
        return importlib.util.spec_from_loader(fullname, self, is_package=package)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return what stands for a module."""
        return self._module(spec.name, self._names.get(spec.name, spec.name))

    def exec_module(self, module: ModuleType) -> None:
        """Load the real one, so that what is wrong with it is raised here."""
        if isinstance(module, Module):
            self._link.resolve(module._dexter_origin)

    def _module(self, name: str, real: str) -> Module:
        return Module(name, self._link, Origin(real))

    def _by_path(self, path: str) -> str:
        """Return what the skill calls a file; nothing for one that is not the skill's."""
        inner = os.path.relpath(os.path.realpath(path), self._folder)
        return "" if inner.startswith("..") else inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
