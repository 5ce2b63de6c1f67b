"""What it costs to read a file as context: each in a fresh process behind its walls, from nothing to the text."""

import argparse
import asyncio
import io
import random
import statistics
import sys
from pathlib import Path
from time import perf_counter

import pptx
import structlog
import xlsxwriter
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.attachments import Attachments, Offer
from tests.doubles.hostile_files import archive, pdf

WORDS = ("plan", "review", "cost", "revenue", "migration", "owner", "quarter", "risk", "budget", "decision", "result")
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TEXT = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def prose(words: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(words))


def report(pages: int) -> bytes:
    lines = "".join(f"({prose(12)}) Tj 0 -14 Td " for _ in range(45))
    return pdf(pages, each=f"BT /F1 10 Tf 50 780 Td {lines}ET".encode())


def word(pages: int) -> bytes:
    said = "".join(f"<w:p><w:r><w:t>{prose(80)}</w:t></w:r></w:p>" for _ in range(6 * pages))
    target = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    return archive(
        ("_rels/.rels", f'<Relationships xmlns="{PACKAGE}">{target}</Relationships>'.encode()),
        ("word/document.xml", f'<w:document xmlns:w="{TEXT}"><w:body>{said}</w:body></w:document>'.encode()),
    )


def sheet(rows: int) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet("Sales")
        page.write_row(0, 0, ["region", "euros", "units", "note"])
        for row in range(1, rows + 1):
            page.write_row(row, 0, [random.choice(WORDS), random.random() * 1000, row, prose(3)])
    return file.getvalue()


def slides(count: int) -> bytes:
    deck, file = pptx.Presentation(), io.BytesIO()
    for _ in range(count):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = prose(4), prose(60)
    deck.save(file)
    return file.getvalue()


def photo(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


def files() -> dict[str, bytes]:
    table = "region,euros,units\n" + "".join(f"{random.choice(WORDS)},{at / 7:.2f},{at}\n" for at in range(20_000))
    return {
        "notes.md (40 kB)": prose(6000).encode(),
        "report.pdf (20 pages)": report(20),
        "book.pdf (300 pages)": report(300),
        "report.docx (20 pages)": word(20),
        "book.docx (300 pages)": word(300),
        "deck.pptx (20 slides)": slides(20),
        "sales.xlsx (2,000 rows)": sheet(2000),
        "sales.csv (20,000 rows)": table.encode(),
        "page.html (200 kB)": f"<html><body>{'<p>' + prose(20) + '</p>'} {'<p>' + prose(25000)}".encode(),
        "photo.jpeg (12 megapixels)": photo(4000, 3000),
    }


async def read(name: str, content: bytes) -> tuple[float, int]:
    """Return seconds from the offer to the text, and how many characters came of it."""

    async def fetch(_most: int) -> bytes:
        return content

    begun = perf_counter()
    found = await Attachments().gather([Offer(name.partition(" ")[0], len(content), "", fetch)])
    (file,) = found.files
    return perf_counter() - begun, len(file.text) or len(file.image.data if file.image else "")


async def main(runs: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    random.seed(1)
    print(f"{'file':<28}{'bytes':>12}{'characters':>12}{'median s':>10}{'slowest s':>11}")
    for name, content in files().items():
        took = [await read(name, content) for _ in range(runs)]
        seconds = [second for second, _ in took]
        print(f"{name:<28}{len(content):>12,}{took[0][1]:>12,}{statistics.median(seconds):>10.2f}{max(seconds):>11.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    asyncio.run(main(parser.parse_args().runs))
