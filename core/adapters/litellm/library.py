"""litellm itself: imported at first use, and silent."""

import gc
import importlib
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

LOUD = ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router", "openai", "httpx", "httpcore")
"""Loggers that would print prompts, or URLs with keys in them."""


@cache
def load() -> Any:
    """Return the litellm module, set up so that it fetches, reports and prints nothing.

    It takes seconds of CPU and 115 MB, so nothing imports it before a model is called; call this in a thread.
    """
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # its price map comes from the package, not from the network
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # otherwise it reads a .env file of the working directory
    # pydantic's remarks on litellm's types are nothing that a person can act on. They are kept out for good: what would
    # let them in again afterwards counts for the whole process, and this is a thread of it.
    warnings.filterwarnings("ignore", r"Items? .* on TypedDict class", UserWarning)
    with _sparing():
        litellm: Any = importlib.import_module("litellm")
    # the words of a tokenizer, which it has as a text beside and never looks at again: 7 MB of RSS
    vars(importlib.import_module("litellm.utils")).pop("json_data", None)
    types = importlib.import_module("litellm.types.utils")
    for kind in (types.ModelResponse, types.ModelResponseStream, types.Message, types.Delta, types.Usage):
        kind.model_rebuild(force=True)  # built at first use otherwise, with remarks then
    # a call that is cancelled early leaves a coroutine of litellm's behind, which Python would remark on
    warnings.filterwarnings("ignore", r"coroutine '\w*(LLM|Chat|Handler)\w*\.\w+' was never awaited", RuntimeWarning)
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.disable_streaming_logging = True
    litellm.drop_params = True  # a temperature that a model does not take is left out, not an error
    _leave_alone(logging.root.manager.loggerDict)
    for name in LOUD:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
    # Its million objects stay for ever. Out of the collector's sight they no longer stop everything for a third of a
    # second whenever it looks through all there is.
    gc.collect()
    gc.freeze()
    return litellm


@contextmanager
def _sparing() -> Iterator[None]:
    """Have pydantic build what is imported at its first use, and nobody look for garbage among it.

    Of litellm's models a run needs ten. This takes half of the time of the import, and 20 MB of its memory.
    """
    before, collected = BaseModel.model_config, gc.isenabled()
    BaseModel.model_config = ConfigDict(defer_build=True)
    gc.disable()
    try:
        yield
    finally:
        BaseModel.model_config = before
        if collected:
            gc.enable()


def _leave_alone(loggers: Mapping[str, object]) -> None:
    """Take litellm's filters off the loggers of others: they import more of it whenever asyncio, say, has a warning."""
    for logger in loggers.values():
        for each in list(getattr(logger, "filters", ())):
            if type(each).__module__.startswith("litellm") and isinstance(logger, logging.Logger):
                logger.removeFilter(each)
