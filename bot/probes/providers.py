"""Keys and addresses of model providers in the environment: present or not, never what they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.probes.finding import Finding
from core.sentences import all_of, said


@dataclass(frozen=True, slots=True)
class Provider:
    """What the environment must hold for a provider to be used, and how its models are named."""

    name: str
    ways: tuple[tuple[str, ...], ...]
    """Any one of these sets of variables will do."""
    example: str
    """A model's name in a committee."""
    also: tuple[str, ...] = ()
    """Variables without which the ways above do not lead anywhere."""


PROVIDERS = (
    Provider("OpenAI", (("OPENAI_API_KEY",),), "openai/gpt-4o"),
    Provider("Anthropic", (("ANTHROPIC_API_KEY",),), "anthropic/claude-sonnet-4-5"),
    Provider("Gemini", (("GEMINI_API_KEY",), ("GOOGLE_API_KEY",)), "gemini/gemini-2.5-flash"),
    Provider(
        "Bedrock",
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_BEARER_TOKEN_BEDROCK",), ("AWS_PROFILE",)),
        "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
        also=("AWS_REGION_NAME|AWS_REGION|AWS_DEFAULT_REGION",),
    ),
    Provider("Azure", (("AZURE_API_KEY",), ("AZURE_AD_TOKEN",)), "azure/<deployment>", also=("AZURE_API_BASE",)),
    Provider(
        "Vertex",
        (("GOOGLE_APPLICATION_CREDENTIALS",), ("VERTEXAI_CREDENTIALS",), ("VERTEXAI_PROJECT",), ("VERTEX_PROJECT",)),
        "vertex_ai/gemini-2.5-flash",
    ),
)
_COMPATIBLE = ("OPENAI_API_BASE", "OPENAI_BASE_URL")


def providers(environ: Mapping[str, str], bases: Mapping[str, str]) -> list[Finding]:
    """Return a finding per provider, and one for OpenAI-compatible servers (`bases`: those in the settings)."""
    return [*(_provider(provider, environ) for provider in PROVIDERS), _compatible(environ, bases)]


def _provider(provider: Provider, environ: Mapping[str, str]) -> Finding:
    there = [name for way in provider.ways for name in way if environ.get(name)]
    whole = next((way for way in provider.ways if all(environ.get(name) for name in way)), None)
    if not there:
        first = all_of(provider.ways[0])
        return Finding(
            provider.name,
            "missing",
            said("no key"),
            said("To use it, set {first}, and seat {example}.", first=first, example=provider.example),
        )
    lacking = [group for group in provider.also if not any(environ.get(name) for name in group.split("|"))]
    if whole is None:
        lacking = [name for way in provider.ways if set(way) & set(there) for name in way if name not in there]
    if lacking:
        wanted = all_of([group.replace("|", " / ") for group in lacking])
        return Finding(
            provider.name,
            "broken",
            said("{name} is set, {wanted} is not", name=there[0], wanted=wanted),
            said("Set {wanted}.", wanted=wanted),
        )
    return Finding(
        provider.name,
        "ok",
        said("{names} set", names=all_of(whole or ())),
        said("Seat it as {example}.", example=provider.example),
    )


def _compatible(environ: Mapping[str, str], bases: Mapping[str, str]) -> Finding:
    name = "OpenAI-compatible server"
    set_here = [*(variable for variable in _COMPATIBLE if environ.get(variable)), *(f"{prefix}…" for prefix in bases)]
    if not set_here:
        remedy = said('To use one, write \'"mine/" = "https://…/v1"\' under [models.bases], and seat mine/<model>.')
        return Finding(name, "missing", said("no address"), remedy)
    prefix = next(iter(bases), "openai/")
    return Finding(
        name,
        "ok",
        said("address set: {names}", names=", ".join(set_here)),
        said("Seat its models as {prefix}<model>.", prefix=prefix),
    )
