"""Files that were made to do harm, as small as they can be sent."""

import io
import struct
import zipfile
import zlib

WORD = "word/document.xml"
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def archive(*entries: tuple[str, bytes]) -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, content in entries:
            made.writestr(name, content)
    return file.getvalue()


def zip_bomb(megabytes: int) -> bytes:
    """Return a Word file that unpacks to so much, a thousand times its size."""
    return archive((WORD, b"<w/>"), *((f"word/{at}.xml", bytes(50_000_000)) for at in range(megabytes // 50)))


def lying_zip_bomb() -> bytes:
    """Return a Word file whose part says that it unpacks to 100 bytes, and unpacks to 50 MB."""
    whole = bytearray(archive((WORD, b"<w>" + bytes(50_000_000))))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        found = whole.index(mark)
        whole[found + at : found + at + 4] = struct.pack("<I", 100)
    return bytes(whole)


def nested_zip(depth: int = 50) -> bytes:
    """Return archives in archives, with a Word file's name at the outermost."""
    content = bytes(1000)
    for at in range(depth):
        content = archive((f"{at}.zip", content))
    return archive((WORD, b"<w/>"), ("inner.zip", content))


def billion_laughs() -> bytes:
    """Return a Word file whose XML would grow to a billion words."""
    laughs = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    return archive((WORD, f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]><w>&l9;</w>'.encode()))


def outside_entity() -> bytes:
    """Return a Word file whose XML asks for a file of the machine, hidden behind a long comment."""
    head = f'<?xml version="1.0"?><!--{"x" * 8000}--><!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = f"<w:document {word}><w:body><w:p><w:r><w:t>stolen: &e;</w:t></w:r></w:p></w:body></w:document>"
    return archive(("_rels/.rels", relations.encode()), (WORD, (head + body).encode()))


def far_cells() -> bytes:
    """Return a spreadsheet of two cells, so far apart that a table of both has 17 billion."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    return archive(
        ("[Content_Types].xml", b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{kind}"><sheets><sheet name="Far" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>".encode(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{kind}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>'.encode(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{cells}</sheetData></worksheet>'.encode(),
        ),
    )


def image_bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of a few kilobytes that is 2,500 megapixels once unpacked."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 + (width + 7) // 8)) for _ in range(200)) + rows.flush()
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    chunks = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def pdf(pages: int, text: str = "words", each: bytes | None = None) -> bytes:
    """Return a PDF with the same text on every page, or the same stream of drawing."""
    stream = each if each is not None else f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, b" ".join(b"%d 0 R" % (5 + at) for at in range(pages))),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        *([b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 3 0 R>>>>/Contents 4 0 R>>"] * pages),
    ]
    file, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(file + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start))
