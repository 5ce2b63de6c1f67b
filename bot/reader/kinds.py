"""What a file is, told by its bytes; its name and its announced type are only asked where bytes say nothing."""

import re

from bot.reader.found import Order, Refused

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS = {
    b"word/document.xml": "docx",
    b"ppt/presentation.xml": "pptx",
    b"xl/workbook.": "sheets",
    b"opendocument.spreadsheet": "sheets",
}
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html[\s>])", re.IGNORECASE | re.DOTALL)
_NAMED = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".eml": "mail",
}
_ANNOUNCED = {"text/csv": "csv", "text/tab-separated-values": "csv", "text/html": "html", "message/rfc822": "mail"}
NOT_TEXT = frozenset(
    [
        *(".pdf", ".docx", ".docm", ".doc", ".odt", ".rtf", ".pptx", ".ppt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".zip"),
    ]
)
"""Names of files that are never plain text."""


def kind_of(content: bytes, order: Order) -> str:
    """Return how to read a file. Raises `Refused` where it is nothing that is read here."""
    head = content[:1024]
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "image"
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(content)
    if head.startswith(_OLE):
        return _in_ole(content)
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    if order.suffix in NOT_TEXT:
        raise Refused("other")
    return _written(head, order)


def _in_zip(content: bytes) -> str:
    for mark, kind in _ZIPS.items():
        if mark in content:
            return kind
    raise Refused("archive")


def _in_ole(content: bytes) -> str:
    """Tell an old spreadsheet from other files of the same container, which also wraps what has a password."""
    if _wide("EncryptedPackage") in content:
        raise Refused("locked")
    if _wide("Workbook") in content or _wide("Book") in content:
        return "sheets"
    raise Refused("legacy")


def _wide(name: str) -> bytes:
    return name.encode("utf-16-le")


def _written(head: bytes, order: Order) -> str:
    if order.suffix in _NAMED:
        return _NAMED[order.suffix]
    if order.media in _ANNOUNCED and order.suffix in ("", ".txt"):
        return _ANNOUNCED[order.media]
    return "html" if _HTML.match(head) else "text"
