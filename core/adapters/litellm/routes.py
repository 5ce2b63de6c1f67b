"""Where a model's name leads: provider, address, key and what it can do."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import ModelRejected

DIRECT = frozenset({"openai", "hosted_vllm", "anthropic", "ollama_chat"})
"""Providers whose wire format the contract tests cover on the direct path; all others go through `acompletion`."""
KEYLESS = "none"
"""Sent where a server of one's own wants no key, because the format has a place for one."""


@dataclass(frozen=True, slots=True)
class Route:
    """One model's way out."""

    name: str
    """As the member names it: `openai/gpt-4o`."""
    provider: str
    """litellm's name of the wire format."""
    model: str
    """The name on the wire."""
    shown: str
    """The provider's name for people."""
    base: str | None = None
    key: str | None = field(default=None, repr=False)
    free: bool = False
    """The price is known to be zero, because the model runs on a machine of one's own."""
    native: bool = False
    """The provider is known to hold a reply to a JSON Schema."""
    sees: bool = False
    """The model is known to take images."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields that are added to the request's body."""

    @property
    def takes_schema(self) -> bool:
        """Whether a JSON Schema goes as a parameter.

        To an unknown model behind Anthropic's format it would go as a tool, which confuses small ones: words serve
        them better.
        """
        return self.native or self.provider != "anthropic"


def local(name: str, base: str) -> Route:
    """Return the route to a llama.cpp server on this machine, which speaks OpenAI's format."""
    return Route(
        name=f"local/{name}",
        provider="hosted_vllm",  # OpenAI's chat format for any server, without assumptions about the model's name
        model=name,
        shown="local",
        base=base,
        key=KEYLESS,
        free=True,
        native=True,
        extra={"cache_prompt": True},
    )


def find(litellm: Any, name: str, bases: Mapping[str, str]) -> Route:
    """Return the route of a model that a member names. Raises `ModelRejected` where nobody knows its provider.

    The longest prefix in `bases` wins. A prefix that is not one of litellm's providers is an OpenAI-compatible
    server, whose key is in the environment under its name: `mine/` has `MINE_API_KEY`.
    """
    prefix = max((known for known in bases if name.startswith(known)), key=len, default="")
    base = bases.get(prefix)
    owner = name.partition("/")[0]
    if prefix and owner not in litellm.provider_list:
        key = os.environ.get(_variable(prefix)) or KEYLESS
        return Route(name, "hosted_vllm", name.removeprefix(prefix), owner, base, key)
    try:
        model, provider, key, usual = litellm.get_llm_provider(name.replace("ollama/", "ollama_chat/", 1))
    except litellm.exceptions.BadRequestError as error:
        raise ModelRejected(
            "No provider is known for “{name}”: write it as provider/model, or give its prefix a base URL.", name=name
        ) from error
    return Route(
        name=name,
        provider=provider,
        model=model,
        shown=provider.removesuffix("_chat"),
        base=base or usual or _base(provider),
        key=key or _key(provider, own_server=base is not None),
        free=provider == "ollama_chat" and not model.endswith("cloud"),
        sees=_sees(litellm, model, provider),
        native=provider == "ollama_chat" or bool(litellm.supports_response_schema(model, provider)),
    )


def _sees(litellm: Any, model: str, provider: str) -> bool:
    """Tell what litellm's list knows; it has nothing on Ollama's models, for which it would ask a server, and block."""
    return provider != "ollama_chat" and bool(litellm.supports_vision(model, provider))


def _variable(prefix: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", prefix.upper()).strip("_") + "_API_KEY"


def _base(provider: str) -> str | None:
    """Return what the environment says, under the names that the providers' own tools use."""
    environment = os.environ.get
    match provider:
        case "openai":
            return environment("OPENAI_BASE_URL") or environment("OPENAI_API_BASE") or "https://api.openai.com/v1"
        case "anthropic":
            return environment("ANTHROPIC_API_BASE") or environment("ANTHROPIC_BASE_URL") or "https://api.anthropic.com"
        case "ollama_chat":
            return environment("OLLAMA_API_BASE") or "http://localhost:11434"
        case _:
            return None


def _key(provider: str, *, own_server: bool) -> str | None:
    """Return the key for the direct path; the other providers' keys are found by litellm itself."""
    if provider not in DIRECT:
        return None
    found = os.environ.get({"ollama_chat": "OLLAMA_API_KEY"}.get(provider, f"{provider.upper()}_API_KEY"))
    return found or (KEYLESS if own_server and provider != "ollama_chat" else None)
