"""HTML to Markdown, as far as a model gains by it: headings, lists, tables and links; no scripts, no pictures."""

import bs4
from markdownify import MarkdownConverter

_SILENT = ("script", "style", "noscript", "template", "svg", "head", "title", "iframe", "object")

_CONVERTER = MarkdownConverter(
    heading_style="ATX", bullets="-", escape_asterisks=False, escape_underscores=False, strip=["img"]
)


def markdown(html: str) -> str:
    """Return the Markdown of a page; its bare text where it is nested deeper than can be followed."""
    page = bs4.BeautifulSoup(html, "html.parser")
    title = page.title.get_text(" ", strip=True) if page.title else ""
    for element in page.find_all(_SILENT):
        element.decompose()
    try:
        text = str(_CONVERTER.convert_soup(page))
    except RecursionError:
        text = page.get_text("\n", strip=True)
    lines = (line.rstrip() for line in text.splitlines())
    body = "\n".join(lines).strip()
    return f"{title}\n\n{body}" if title else body
