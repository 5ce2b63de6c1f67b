"""What is asked of a provider: messages and parameters in OpenAI's terms, which litellm translates."""

import json
from collections.abc import Mapping
from typing import Any

from core.adapters.litellm.routes import Route
from core.adapters.structured import instruction
from core.entities import Image
from core.errors import ModelRejected
from core.ports import Message, Prompt

PIXELS = 750
"""Pixels of an image that count as a token: https://docs.claude.com/en/docs/build-with-claude/vision"""


class NotTaken(ModelRejected):
    """The provider dislikes something in the request itself, perhaps the JSON Schema."""


def messages(prompt: Prompt, schema_in_words: bool) -> list[dict[str, Any]]:
    """Return the turns; with the schema in words for a provider that cannot be held to it."""
    told = [message.content for message in prompt.messages]
    if schema_in_words and prompt.reply_schema is not None:
        told[-1] += "\n\n" + instruction(prompt.reply_schema)
    return [
        {"role": message.role, "content": _parts(text, message.images) if message.images else text}
        for message, text in zip(prompt.messages, told, strict=True)
    ]


def _parts(text: str, images: tuple[Image, ...]) -> list[dict[str, Any]]:
    """Return text and images as the parts of one turn."""
    urls = [f"data:{image.media};base64,{image.data}" for image in images]
    return [{"type": "text", "text": text}, *({"type": "image_url", "image_url": {"url": url}} for url in urls)]


def weight(message: Message) -> int:
    """Return about how many tokens a message has, for a provider that does not count them."""
    return len(message.content) // 4 + sum(image.width * image.height // PIXELS for image in message.images)


def parameters(prompt: Prompt, schema_as_parameter: bool) -> dict[str, Any]:
    """Return the sampling parameters, and the schema where the provider takes one."""
    chosen: dict[str, Any] = {"temperature": prompt.temperature, "max_tokens": prompt.max_tokens}
    if schema_as_parameter and prompt.reply_schema is not None:
        schema = json.loads(json.dumps(prompt.reply_schema))  # a copy, because translations write into it
        held = {"name": "reply", "schema": schema, "strict": strict(schema)}
        chosen["response_format"] = {"type": "json_schema", "json_schema": held}
    return chosen


def strict(schema: Any) -> bool:
    """Tell whether OpenAI's strict mode takes `schema`: no optional and no unnamed properties, at any depth."""
    if isinstance(schema, list):
        return all(strict(part) for part in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        named = set(schema.get("properties", {}))
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != named:
            return False
    return all(strict(part) for part in schema.values())


def attributed(route: Route) -> dict[str, Any]:
    """Return what litellm's translations want to know about the call besides its parameters."""
    return {"custom_llm_provider": route.provider, "api_base": route.base}
