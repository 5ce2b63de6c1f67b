"""Files and images that a skill gives: strings that its output schema marks with `contentEncoding: base64`."""

import base64
import binascii
import mimetypes
import re
from collections.abc import Mapping
from typing import Any

from core.errors import BadRequest
from core.sandbox import MEGABYTE
from core.skills.results import Yield

MOST = 10
"""Files of one run."""
MOST_BYTES = 8 * MEGABYTE
"""Of all together."""
_MEDIA = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}")
_UNKNOWN = "application/octet-stream"


def taken_out(value: Any, schema: Mapping[str, Any]) -> tuple[Any, tuple[Yield, ...]]:
    """Return the value without its files, and the files. Raises `BadRequest` for one that is none, or too much.

    A file is the whole value, one of its properties, or an item of a list that is one of its properties.
    """
    if media := _media(schema):
        return None, _checked([_file("result", media, value)])
    properties = schema.get("properties")
    if not isinstance(value, dict) or not isinstance(properties, Mapping):
        return value, ()
    found = {name: files for name, inner in properties.items() if (files := _of(name, inner, value.get(name)))}
    rest = {name: item for name, item in value.items() if name not in found}
    return rest, _checked([file for files in found.values() for file in files])


def _of(name: str, schema: Any, value: Any) -> list[Yield]:
    if not isinstance(schema, Mapping) or value is None:
        return []
    if media := _media(schema):
        return [_file(name, media, value)]
    if isinstance(value, list) and (media := _media(schema.get("items"))):
        return [_file(f"{name}-{at}", media, item) for at, item in enumerate(value, start=1)]
    return []


def _media(schema: Any) -> str:
    """Return of what kind a file is; nothing where the schema speaks of none."""
    if not isinstance(schema, Mapping) or schema.get("contentEncoding") != "base64":
        return ""
    media = str(schema.get("contentMediaType", _UNKNOWN)).lower()
    return media if _MEDIA.fullmatch(media) else _UNKNOWN


def _file(name: str, media: str, value: Any) -> Yield:
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise BadRequest("`{name}`: that is no file: it is not in Base64", name=name[:100]) from None
    plain = re.sub(r"[^\w.-]+", "-", name)[:60].strip(".-") or "result"
    ending = mimetypes.guess_extension(media) or ""
    return Yield(name=plain if "." in plain else plain + ending, media=media, data=value)


def _checked(files: list[Yield]) -> tuple[Yield, ...]:
    if len(files) > MOST:
        raise BadRequest("there are {count} files: {most} are the most", count=len(files), most=MOST)
    if sum(len(file.data) for file in files) * 3 // 4 > MOST_BYTES:
        raise BadRequest("the files are too large: {most} MB is the most", most=MOST_BYTES // MEGABYTE)
    return tuple(files)
