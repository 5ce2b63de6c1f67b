"""Things of the skill's as tests hold them: every operation is done in the skill's process."""

from collections.abc import Callable, Generator
from types import FunctionType
from typing import Any, NamedTuple, Protocol


class Origin(NamedTuple):
    """Where a thing can be had again."""

    module: str
    name: str = ""


class Asked(Protocol):
    """The way to the skill's process."""

    def ask(self, operation: str, *arguments: Any, **keywords: Any) -> Any:
        """Have something done there."""

    def forget(self, number: int, generation: int) -> None:
        """Note that nobody here holds a thing any more."""


_UNARY = "bool str repr hash len iter next int float index neg pos abs invert enter reversed"
_BINARY = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift divmod"
_SPECIAL = (
    *(f"__{name}__" for name in (*_UNARY.split(), *_BINARY.split(), "getitem", "setitem", "delitem", "contains")),
    *(f"__r{name}__" for name in _BINARY.split()),
    *("__format__", "__round__", "__iadd__"),
)


class Thing:
    """One of them. It is never equal to a plain value and never orders itself against one: only the skill could say."""

    __slots__ = ("__weakref__", "_dexter", "_dexter_fresh", "_dexter_link")

    _dexter: tuple[int, int, Origin | None]
    """What it is called there, by which of the processes, and where it can be had again."""
    _dexter_fresh: "Thing"
    """What it was had again as."""
    _dexter_link: Asked

    def __init__(self, link: Asked, called: tuple[int, int, Origin | None]) -> None:
        object.__setattr__(self, "_dexter_link", link)
        object.__setattr__(self, "_dexter", called)

    def __del__(self) -> None:
        self._dexter_link.forget(*self._dexter[:2])

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_dexter", "_pytest", "__wrapped__", "__test__")):
            raise AttributeError(name)
        return self._dexter_link.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in Thing.__slots__:
            object.__setattr__(self, name, value)
        else:
            self._dexter_link.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._dexter_link.ask("delete", self, name)

    def __dir__(self) -> list[str]:
        return [str(name) for name in self._dexter_link.ask("names", self, False)]

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the skill's function, method or class."""
        return self._dexter_link.ask("call", self, *arguments, **keywords)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Thing):
            return False
        return self is other or self._dexter_link.ask("special", self, "__eq__", other) is True

    def __lt__(self, other: object) -> Any:
        return self._dexter_link.ask("special", self, "__lt__", other) if isinstance(other, Thing) else NotImplemented

    def __le__(self, other: object) -> Any:
        return self._dexter_link.ask("special", self, "__le__", other) if isinstance(other, Thing) else NotImplemented

    def __instancecheck__(self, value: object) -> bool:
        """Tell whether something is one of this class of the skill's."""
        return isinstance(value, Thing) and self._dexter_link.ask("isinstance", value, self) is True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> bool:
        return self._dexter_link.ask("leave", self, kind.__name__ if kind else "", str(error or "")) is True


def _special(name: str) -> Callable[..., Any]:
    def special(self: Thing, *arguments: Any) -> Any:
        return self._dexter_link.ask("special", self, name, *arguments)

    return special


class Awaited(Thing):
    """One that can be waited for."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, Any]:
        yield from ()
        return self._dexter_link.ask("wait", self)


for _name in _SPECIAL:
    setattr(Thing, _name, _special(_name))


def waiting(thing: Thing, name: str) -> Callable[..., Any]:
    """Return an `async` function for one of the skill's, as `asyncio.run` and `await` take it."""

    async def wait(*arguments: Any, **keywords: Any) -> Any:
        return thing._dexter_link.ask("wait", thing, *arguments, **keywords)

    wait.__name__ = name
    vars(wait)["_dexter_thing"] = thing
    return wait


def behind(value: Any) -> Any:
    """Return the thing that an `async` function made here stands for; anything else as it is."""
    return vars(value).get("_dexter_thing", value) if isinstance(value, FunctionType) else value
