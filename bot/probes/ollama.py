"""A running Ollama and the models that it has."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from bot.probes.finding import Finding
from core.sentences import said

PORT = 11434
_HERE = "127.0.0.1"
_TIMEOUT = 1.0
_SHOWN = 6


def address(environ: Mapping[str, str]) -> str:
    """Return where Ollama should be: `OLLAMA_API_BASE`, `OLLAMA_HOST` (with or without scheme and port), or here."""
    told = environ.get("OLLAMA_API_BASE") or environ.get("OLLAMA_HOST") or _HERE
    try:
        parts = urlsplit(told if "://" in told else f"http://{told}")
        usual = (443 if parts.scheme == "https" else 80) if "://" in told else PORT
        port = parts.port or usual
    except ValueError:
        return f"http://{_HERE}:{PORT}"
    # Ollama itself listens everywhere where that is what it is told; a client asks this machine.
    host = {"0.0.0.0": _HERE, "::": "::1"}.get(parts.hostname or _HERE, parts.hostname or _HERE)  # noqa: S104
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


async def ollama(environ: Mapping[str, str]) -> Finding:
    """Ask Ollama which models it has, for a second at most."""
    base = address(environ)
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            reply = (await client.get(f"{base}/api/tags")).raise_for_status()
        names = [str(model["name"]) for model in reply.json()["models"]]
    except (httpx.TransportError, httpx.InvalidURL):
        remedy = said("To use it, start `ollama serve`, or set OLLAMA_HOST to where it runs.")
        return Finding("Ollama", "missing", said("nothing answers at {base}", base=base), remedy)
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return Finding(
            "Ollama", "broken", said("what answers at {base} is not Ollama", base=base), said("Correct OLLAMA_HOST.")
        )
    if not names:
        return Finding(
            "Ollama",
            "missing",
            said("runs at {base}, without models", base=base),
            said("Give it one: `ollama pull llama3.2`."),
        )
    return Finding(
        "Ollama",
        "ok",
        said("{names} and {more} more", names=", ".join(names[:_SHOWN]), more=len(names) - _SHOWN)
        if len(names) > _SHOWN
        else said("{names}", names=", ".join(names)),
        said("Seat them as {name}.", name=f"ollama/{names[0]}"),
    )
