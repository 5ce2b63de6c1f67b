"""Turns what goes wrong on the way to a provider into one of our errors, in words that give no secret away."""

import math
import os
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import httpx

from core.adapters.litellm.request import NotTaken
from core.adapters.litellm.routes import Route
from core.errors import ModelBroken, ModelBusy, ModelError, ModelRefused, ModelRejected, ModelUnreachable

LONGEST_WAIT = 3600.0
"""Seconds; a provider that names a longer wait is taken to mean this."""
_FILTERED = re.compile(r"content[_ ](filter|policy|management)|safety system", re.IGNORECASE)
_TOO_LONG = re.compile(r"context[_ ](length|window|size)|too (long|many tokens|large)", re.IGNORECASE)
_SECRET = re.compile(r"\b\w+://\S+|\b(?:Bearer|Basic)\s+\S+|[\w\-.~+/=*]{20,}")


def from_status(route: Route, status: int, headers: Mapping[str, str], body: str) -> ModelError:
    """Return the error that an HTTP status and the provider's own words amount to."""
    said = excerpt(body, route.key)
    if status == 429 or status in (503, 529):
        limited = "{provider} limits the calls of {name} ({status})."
        return ModelBusy(
            limited if status == 429 else "{provider} is overloaded ({status}); {name} gave no reply.",
            provider=route.shown,
            status=status,
            name=route.name,
            retry_after=retry_after(headers),
        )
    if status in (408, 409, 425) or status >= 500:
        return ModelBroken(
            "{provider} failed ({status}) for {name}.",
            provider=route.shown,
            status=status,
            name=route.name,
            retry_after=retry_after(headers),
        )
    if status in (401, 403):
        return ModelRejected(
            "{provider} does not accept the key for {name} ({status}): check it.",
            provider=route.shown,
            name=route.name,
            status=status,
        )
    if status == 404:
        return ModelRejected(
            "{provider} knows no model “{model}” (404): check the name and the base URL.",
            provider=route.shown,
            model=route.model,
        )
    if _FILTERED.search(body):
        return ModelRefused("{provider}'s content filter stopped {name}.", provider=route.shown, name=route.name)
    if status == 413 or _TOO_LONG.search(body):
        return ModelRejected("The prompt is too long for {name}.", name=route.name)
    return NotTaken(
        "{provider} will not take the call for {name} ({status}){why}.",
        provider=route.shown,
        name=route.name,
        status=status,
        why=said and ": " + said,
    )


def from_library(litellm: Any, route: Route, error: Exception) -> ModelError:
    """Return the error that one of litellm's exceptions amounts to."""
    kinds = litellm.exceptions
    status = getattr(error, "status_code", None)
    if isinstance(error, kinds.ContentPolicyViolationError):
        return ModelRefused("{provider}'s content filter stopped {name}.", provider=route.shown, name=route.name)
    if isinstance(error, kinds.ContextWindowExceededError):
        return ModelRejected("The prompt is too long for {name}.", name=route.name)
    if _refused(error):
        return unreachable(route)
    if (
        isinstance(error, kinds.APIConnectionError)
        or not isinstance(status, int)
        or status < 400
        or isinstance(error, kinds.APIResponseValidationError)
    ):
        return broken(route)
    return from_status(route, status, _headers(error), str(error))


def unreachable(route: Route) -> ModelUnreachable:
    """Return the error for a provider that cannot be connected to."""
    return ModelUnreachable(
        "{provider} cannot be reached for {name}: is its server up and its URL right?",
        provider=route.shown,
        name=route.name,
    )


def broken(route: Route) -> ModelBroken:
    """Return the error for a reply that breaks off or is not the provider's own format."""
    return ModelBroken(
        "{provider} gave {name} a reply that breaks off or is not in its own format.",
        provider=route.shown,
        name=route.name,
    )


def inside(route: Route, error: Exception) -> ModelError:
    """Return the error for a reply that began well: some providers report a failure inside it, with its status."""
    status = getattr(error, "status_code", None)
    stumbled = isinstance(error.__context__, (LookupError, TypeError, ValueError))  # the status is litellm's guess then
    if stumbled or not isinstance(status, int) or status < 400:
        return broken(route)
    return from_status(route, status, {}, str(error))


def keyless(route: Route) -> ModelRejected:
    """Return the error for a key that is not there."""
    return ModelRejected(
        "There is no key for {name}: set {variable}.", name=route.name, variable=f"{route.provider.upper()}_API_KEY"
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the provider asks us to wait, from `retry-after-ms` or `retry-after` (RFC 9110)."""
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            seconds = float(milliseconds) / 1000
        elif value is None:
            return None
        elif re.fullmatch(r"[\d.]+", value.strip()):
            seconds = float(value)
        else:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else None


def excerpt(body: str, key: str | None) -> str:
    """Return at most 160 characters of the provider's own message, without addresses and anything like a key."""
    found = re.search(r'"message"\s*:\s*"((?:[^"\\]|\\.){1,2000})', body[:20_000])
    if found is None:
        return ""
    said = found.group(1)
    for secret in (key, *_secrets()):
        said = said.replace(secret, "…") if secret else said
    said = "".join(letter if letter.isprintable() else " " for letter in _SECRET.sub("…", said))
    return " ".join(said.split())[:160].rstrip(". ")


def _secrets() -> list[str]:
    """Return what the environment holds under names that sound secret; litellm finds keys there by itself."""
    names = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")
    return [value for name, value in os.environ.items() if names.search(name.upper()) and len(value) >= 6]


def _refused(error: BaseException | None) -> bool:
    """Tell whether a connection that never was lies under `error`.

    litellm reports one as a server's failure, and as a connection's failure much that is something else.
    """
    for _ in range(10):
        if error is None:
            return False
        if isinstance(error, (ConnectionRefusedError, httpx.ConnectError, aiohttp.ClientConnectorError)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _headers(error: Exception) -> Mapping[str, str]:
    """Return the reply's headers, which litellm's exceptions keep in one of three places."""
    response = getattr(error, "response", None)
    for found in (
        getattr(error, "litellm_response_headers", None),
        getattr(error, "headers", None),
        getattr(response, "headers", None),
    ):
        if found and ("retry-after" in found or "retry-after-ms" in found):
            return {name.lower(): value for name, value in dict(found).items()}
    return {}
