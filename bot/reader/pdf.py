"""PDF, page by page, until there is enough."""

import time

import pypdfium2  # type: ignore[import-untyped]

from bot.reader.found import Found, Order, Refused


def read(content: bytes, order: Order) -> Found:
    """Return the text with each page's number above it. Raises `Refused` where it is locked, broken or only scanned."""
    document = _opened(content)
    pages: list[str] = []
    size = at = 0
    while at < len(document) and size < order.characters and time.process_time() < order.seconds / 2:
        text = _page(document, at)
        at += 1
        if text:
            pages.append(f"[page {at}]\n{text}")
            size += len(pages[-1]) + 2
    if not pages:
        raise Refused("scanned", pages=at) if at == len(document) else Refused("time")
    text = "\n\n".join(pages)
    return Found(text=text[: order.characters], whole=len(text), parts=len(document), read=at)


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Refused("locked" if "password" in str(error).lower() else "broken") from error


def _page(document: pypdfium2.PdfDocument, at: int) -> str:
    """Return a page's text; a page that is damaged is left out, and the rest still helps."""
    try:
        page = document[at]
        words = page.get_textpage()
        text = words.get_text_bounded().replace("\r\n", "\n").replace("\r", "\n").strip()
        words.close()
        page.close()
    except pypdfium2.PdfiumError:
        return ""
    return str(text)
