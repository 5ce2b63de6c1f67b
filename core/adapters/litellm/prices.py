"""What a call costs, from litellm's price map; microseconds after the first call of a model."""

from typing import Any

from core.adapters.litellm.routes import Route

LONG_PROMPT = 100_000
"""Tokens from which some providers charge more per token, so that the unit price no longer holds."""
Unit = tuple[float, float]
"""US dollars per prompt token and per completion token."""


class Prices:
    """Unit prices, looked up once for each model."""

    def __init__(self, litellm: Any) -> None:
        self._litellm = litellm
        self._units: dict[tuple[str, str], Unit | None] = {}

    def of(self, route: Route, usage: Any) -> float | None:
        """Return US dollars for what litellm's `usage` counts, or `None` where the price is not known."""
        if usage is None:
            return 0.0 if route.free else None
        return self.of_tokens(route, usage.prompt_tokens or 0, usage.completion_tokens or 0, usage)

    def of_tokens(self, route: Route, asked: int, said: int, usage: Any = None) -> float | None:
        """Return US dollars for so many tokens, or `None` where the price is not known."""
        if route.free:
            return 0.0
        unit = self._unit(route)
        if unit is None:
            return None
        if asked >= LONG_PROMPT or _cached(usage):
            return self._exact(route, asked, said, usage)
        return asked * unit[0] + said * unit[1]

    def _unit(self, route: Route) -> Unit | None:
        key = (route.provider, route.model)
        if key not in self._units:
            asked, said = self._look_up(route, 1000, 1000) or (0.0, 0.0)
            # the map holds zeros for models whose price nobody has entered; only a `:free` name means it
            known = asked > 0 or said > 0 or route.model.endswith(":free")
            self._units[key] = (asked / 1000, said / 1000) if known else None
        return self._units[key]

    def _exact(self, route: Route, asked: int, said: int, usage: Any) -> float | None:
        costs = self._look_up(route, asked, said, usage_object=usage)
        return sum(costs) if costs is not None else None

    def _look_up(self, route: Route, asked: int, said: int, **more: Any) -> Unit | None:
        try:
            found: Unit = self._litellm.cost_per_token(
                model=route.model,
                prompt_tokens=asked,
                completion_tokens=said,
                custom_llm_provider=route.provider,
                **more,
            )
        except Exception:  # noqa: BLE001  litellm raises bare Exception for models that are not in its map
            return None
        return found


def _cached(usage: Any) -> bool:
    """Tell whether part of the prompt came from, or went to, a provider's cache, which has a price of its own."""
    details = getattr(usage, "prompt_tokens_details", None)
    if details is None:
        return False
    return bool(getattr(details, "cached_tokens", 0) or getattr(details, "cache_creation_tokens", 0))
