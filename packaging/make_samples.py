"""Turn the texts of `packaging/samples/` into the PDF, DOCX and XLSX of `resources/samples/`.

Brightwater Cycles does not exist; the texts are ours. Run it after changing one of them:
`.venv/bin/python packaging/make_samples.py`
"""

import csv
from pathlib import Path
from typing import Any

from docx import Document
from openpyxl import Workbook
from openpyxl.styles import Font
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

TEXTS = Path(__file__).parent / "samples"
SAMPLES = Path(__file__).resolve().parents[1] / "resources" / "samples"


def read_text(path: Path) -> tuple[str, list[tuple[str, list[str]]]]:
    """The title, and each section with its paragraphs."""
    title, *sections = path.read_text(encoding="utf-8").split("\n## ")
    parts = [section.strip().split("\n\n") for section in sections]
    return title.strip("# \n"), [(head, [" ".join(text.split()) for text in body]) for head, *body in parts]


def write_handbook(path: Path) -> None:
    """A PDF with one chapter a page, a table, and page numbers."""
    title, chapters = read_text(TEXTS / "employee-handbook.md")
    styles = getSampleStyleSheet()
    body = ParagraphStyle("body", parent=styles["BodyText"], fontSize=11, leading=16, spaceAfter=8)
    heading = ParagraphStyle("chapter", parent=styles["Heading1"], fontSize=18, leading=24, spaceAfter=14)
    story: list[Any] = [Spacer(1, 70 * mm), Paragraph(title, styles["Title"])]
    story += [Paragraph("Brightwater Cycles, edition of January 2026", styles["BodyText"]), PageBreak()]
    for number, (chapter, paragraphs) in enumerate(chapters, 1):
        story.append(Paragraph(f"{number}. {chapter}", heading))
        story += [Paragraph(text, body) for text in paragraphs]
        if chapter == "Expenses and travel":
            rates = Table([["Expense", "Limit"], ["Hotel, a night", "120 euros"], ["Meals, a day", "28 euros"]])
            rates.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "#888888"), ("PADDING", (0, 0), (-1, -1), 6)]))
            story += [Spacer(1, 4 * mm), rates]
        story.append(PageBreak())

    def footer(canvas: Any, document: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 9)
        canvas.drawCentredString(A4[0] / 2, 12 * mm, f"{title} · {document.page}")

    document = SimpleDocTemplate(str(path), pagesize=A4, title=title, author="Brightwater Cycles", invariant=1)
    document.build(story, onFirstPage=footer, onLaterPages=footer)


def write_contract(path: Path) -> None:
    title, sections = read_text(TEXTS / "rental-agreement.md")
    document = Document()
    document.add_heading(title, 0)
    for heading, paragraphs in sections:
        document.add_heading(heading, 1)
        for text in paragraphs:
            document.add_paragraph(text)
    document.save(str(path))


def write_prices(path: Path) -> None:
    """One sheet for each `price-list-<sheet>.csv`; numbers stay numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for source in sorted(TEXTS.glob("price-list-*.csv")):
        sheet = book.create_sheet(source.stem.removeprefix("price-list-"))
        for row in csv.reader(source.read_text(encoding="utf-8").splitlines()):
            sheet.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    book.save(path)


if __name__ == "__main__":
    SAMPLES.mkdir(parents=True, exist_ok=True)
    write_handbook(SAMPLES / "employee-handbook.pdf")
    write_contract(SAMPLES / "rental-agreement.docx")
    write_prices(SAMPLES / "price-list.xlsx")
