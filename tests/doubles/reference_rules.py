"""The reference implementations of pref_voting, imported without the packages that it needs but does not name.

pref_voting 0.5.4 imports numba (to compile a few functions, which run as plain Python just as well) and nashpy,
seaborn, pandas and multiprocess (for rules and plots that are not used here). Together they weigh 150 MB. A stand-in
takes the place of each that is not installed, and only while pref_voting is imported.
"""

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

UNDECLARED = ("multiprocess", "nashpy", "numba", "pandas", "seaborn")


def jit(*given: Any, **_options: Any) -> Any:
    """Stand in for numba.jit, bare or with options: leave the function as it is."""
    plain: Callable[[Any], Any] = lambda function: function  # noqa: E731 - a decorator of one expression
    return given[0] if given and callable(given[0]) else plain


def load(*modules: str) -> list[ModuleType]:
    """Import modules of pref_voting; its own import warns of its syntax (escapes in docstrings), which is not ours."""
    missing = [name for name in UNDECLARED if importlib.util.find_spec(name) is None]
    for name in missing:
        stand_in = ModuleType(name)
        vars(stand_in).update(jit=jit, njit=jit, Pool=None, cpu_count=None)
        sys.modules[name] = stand_in
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [importlib.import_module(f"pref_voting.{module}") for module in modules]
    finally:
        for name in missing:
            sys.modules.pop(name, None)
