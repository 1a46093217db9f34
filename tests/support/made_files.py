"""Real files for tests, made by the libraries that people's files are made by."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
import pptx
import pypdfium2 as pdfium
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

LINE_HEIGHT = 16


def make_pdf(
    path: Path,
    pages: Sequence[Sequence[str] | None],
    size: tuple[float, float] = (400, 600),
    password: str | None = None,
) -> Path:
    """A PDF with the given lines of text on each page; a page without lines is blank, None one that is a picture."""
    canvas = Canvas(str(path), pagesize=size, encrypt=StandardEncryption(password) if password else None)
    for lines in pages:
        canvas.setFont("Helvetica", 12)
        if lines is None:
            canvas.drawInlineImage(Image.new("L", (20, 30), 128), 0, 0, *size)
        for index, line in enumerate(lines or ()):
            canvas.drawString(50, size[1] - 60 - index * LINE_HEIGHT, line)
        canvas.showPage()
    canvas.save()
    return path


def turn_pdf(path: Path, rotation: int, crop: tuple[float, float, float, float] | None = None) -> Path:
    """Give every page a /Rotate and a crop box."""
    document = pdfium.PdfDocument(path.read_bytes())
    for page in document:
        page.set_rotation(rotation)
        if crop is not None:
            page.set_cropbox(*crop)
    document.save(path)
    document.close()
    return path


def make_raw_pdf(path: Path, text: str, font: str = "", padding: int = 0) -> Path:
    """A one-page PDF written by hand: `font` joins its Helvetica's dictionary.

    An unused object of `padding` bytes makes it as large as you like (the file is sparse on disk).
    """
    content = f"BT /F1 12 Tf 50 500 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica%s>>" % font.encode(),
    ]
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        offsets = []
        for number, body in enumerate(objects, start=1):
            offsets.append(file.tell())
            file.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        offsets.append(file.tell())
        file.write(b"6 0 obj\n<</Length %d>>stream\n" % padding)
        file.seek(padding, 1)
        file.write(b"\nendstream\nendobj\n")
        table = file.tell()
        file.write(b"xref\n0 7\n0000000000 65535 f \n")
        file.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
        file.write(b"trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table)
    return path


def make_docx(path: Path, paragraphs: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Path:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    document.save(str(path))
    return path


def make_pptx(path: Path, slides: Sequence[tuple[str, str]]) -> Path:
    """Slides with a title and a body."""
    presentation = pptx.Presentation()
    for title, body in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    presentation.save(str(path))
    return path


def make_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    book.close()
    return path


def make_epub(path: Path, chapters: Sequence[str]) -> Path:
    """A book whose chapters are the given pieces of XHTML; they stand in the package in reverse order."""
    names = [f"c{index}" for index in range(len(chapters))]
    items = "".join(
        f'<item id="{name}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>' for name in names
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
            'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        book.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/>'
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for name, chapter in reversed(list(zip(names, chapters, strict=True))):
            book.writestr(
                f"OEBPS/text/{name}.xhtml", f"<html><head><title>{name}</title></head><body>{chapter}</body></html>"
            )
    return path
