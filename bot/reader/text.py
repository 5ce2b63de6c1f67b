"""Plain text in the encodings that people still have: UTF-8, UTF-16 with its mark, and Windows' western one."""

import codecs

from bot.reader.found import Found, Order, Refused, cut

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b\x08")


def read(content: bytes, order: Order) -> Found:
    """Return the text. Raises `Refused` where it is none."""
    return cut(decoded(content), order)


def decoded(content: bytes) -> str:
    """Return bytes as text. Raises `Refused` where they are none."""
    encodings = next(((name,) for mark, name in _MARKS if content.startswith(mark)), ("utf-8", "cp1252"))
    if encodings[0] != "utf-16" and not _CONTROLS.isdisjoint(content):
        raise Refused("other")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("other")
