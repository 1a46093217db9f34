"""Write the sample documents of `resources/samples/`: what a first start shows and asks about.

Brightwater Cycles does not exist; the texts are ours. Run it after changing one of them:
`.venv/bin/python packaging/make_samples.py`
"""

from pathlib import Path

from docx import Document
from openpyxl import Workbook
from openpyxl.styles import Font
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

SAMPLES = Path(__file__).resolve().parents[1] / "resources" / "samples"

HANDBOOK: list[tuple[str, list[str]]] = [
    (
        "Welcome to Brightwater Cycles",
        [
            "Brightwater Cycles has built city bicycles and e-bikes in Harwick since 1987. We are 140 people in the "
            "workshop, the three shops and the office on Mill Lane.",
            "This handbook says what you can expect from us and what we expect from you. It applies to everybody with "
            "an employment contract, part-time colleagues included. Where a contract says something else, the contract "
            "goes first.",
            "Questions about this handbook go to the people office, people@brightwater.example, or to room 12.",
        ],
    ),
    (
        "Working hours",
        [
            "A full working week has 38 hours. The workshop starts at 7:30, the shops open at 10:00, and the office "
            "agrees its hours within each team; core time in the office is from 10:00 to 15:00.",
            "Overtime needs the agreement of your team lead before it is worked. It is given back as time off within "
            "three months; overtime on a Sunday counts one and a half times.",
            "Everyone takes an unpaid break of 30 minutes after six hours of work at the latest.",
            "Office colleagues may work from home on up to two days a week once the probation period of four months "
            "is over. Workshop and shop teams agree a home day for paperwork with their lead.",
        ],
    ),
    (
        "Annual leave",
        [
            "Full-time employees receive 27 days of paid annual leave in each calendar year, and public holidays on "
            "top. Part-time colleagues receive leave in proportion to their working days.",
            "Ask for leave in the calendar tool at least three weeks ahead; single days can be asked for until the day "
            "before. Your team lead answers within five working days.",
            "Up to six days of unused leave can be carried over. Days that were carried over lapse on 31 March.",
            "After ten years with the company you receive two further days of leave each year.",
        ],
    ),
    (
        "Illness",
        [
            "If you are ill, tell your team lead before your shift begins, by telephone or message. A doctor's note is "
            "needed from the third day of illness on.",
            "Your full pay continues for six weeks. After that the health insurer pays, and we add the difference up "
            "to 90 percent of your net pay for a further eight weeks.",
            "If your child is ill, you can stay at home for up to ten paid days a year.",
        ],
    ),
    (
        "Expenses and travel",
        [
            "We refund what you spend for work. Hand in receipts within 30 days through the expenses form; the money "
            "comes with the next salary. Amounts under 15 euros need no receipt.",
            "Travel by train in second class. Journeys of more than five hours may be booked in first class. Flights "
            "need the approval of the managing directors.",
            "Hotels are refunded up to 120 euros a night, breakfast included. The daily allowance for meals is 28 euros, "
            "and 14 euros on the days of arrival and departure.",
            "Whoever rides a bicycle to a customer receives 25 cents for each kilometre.",
        ],
    ),
    (
        "Equipment and information security",
        [
            "Laptops and telephones remain the property of the company. A lost or stolen device is reported to the "
            "help desk within two hours, at night by the emergency number 0555 0144.",
            "Passwords have at least 14 characters and are kept in the password safe. Nobody, the help desk included, "
            "will ever ask you for yours.",
            "Customer data stays on company systems. It must not be copied to private devices, and it is deleted two "
            "years after the last order.",
        ],
    ),
    (
        "Staff bicycles",
        [
            "Each employee may lease one bicycle at 60 percent of the list price, paid over 36 months out of the salary. "
            "Insurance and a yearly inspection are included.",
            "The workshop repairs private bicycles of staff on Thursdays after 16:00. Labour is free, parts are sold at "
            "purchase price.",
        ],
    ),
    (
        "Training",
        [
            "Everyone has five training days a year and a budget of 900 euros, which the team lead releases. Courses "
            "that cost more than 2,500 euros are tied to an agreement to stay for 18 months.",
            "Apprentices spend two days of each week at the vocational school and are assigned a mentor from the "
            "workshop.",
        ],
    ),
    (
        "Leaving the company",
        [
            "During the probation period either side can end the contract with two weeks' notice. Afterwards the notice "
            "period is three months to the end of a month.",
            "On the last day you return keys, laptop, telephone and staff card to room 12. You receive a written "
            "reference within two weeks.",
        ],
    ),
]

CONTRACT: list[tuple[str, list[str]]] = [
    (
        "1. Subject of the agreement",
        [
            "Brightwater Cycles (the lender) lends the customer one bicycle of the type City 400 with charger, lock and "
            "two keys. The frame number is noted in the handover report.",
        ],
    ),
    (
        "2. Term and notice",
        [
            "The agreement runs for twelve months from the day of handover. It is extended by a month at a time unless "
            "one side gives notice in writing four weeks before the end.",
            "The customer may end the agreement early, after six months at the soonest, against a payment of 90 euros.",
        ],
    ),
    (
        "3. Rent and deposit",
        [
            "The monthly rent is 89 euros and is due on the third working day of each month. If it is late by more than "
            "14 days, a fee of 10 euros is charged.",
            "The deposit is 250 euros. The lender returns it within 21 days after the bicycle was given back, less the "
            "cost of damage beyond normal wear.",
        ],
    ),
    (
        "4. Care and repairs",
        [
            "The customer keeps the bicycle locked to a fixed object when it is not in use and charges the battery with "
            "the charger supplied only.",
            "Inspections after 500 and 2,000 kilometres are included in the rent. Punctures are repaired free of charge "
            "twice a year.",
        ],
    ),
    (
        "5. Theft and damage",
        [
            "Theft is reported to the police within 24 hours and to the lender within 48 hours. The customer then bears "
            "an excess of 150 euros; without a police report, the value of the bicycle.",
            "The customer is liable for damage caused by racing, by riding off roads, or by persons under 16.",
        ],
    ),
    (
        "6. Data protection",
        [
            "The lender stores name, address and payment data for the term of the agreement and for ten years after it, "
            "as tax law requires. Position data of the bicycle is read only after a report of theft.",
        ],
    ),
]

MANUAL = """\
# City 400: owner's manual

## Charging the battery

Charge the battery with the charger supplied, between 5 and 35 degrees Celsius. A full charge takes four and a half
hours; 80 percent are reached after two and a half hours. The lamp on the charger turns from red to green when it is done.

Do not leave the battery empty for more than two months. For the winter store it half charged in a dry room at 10 to 20
degrees.

## Range

| Assistance | Range on flat roads |
|---|---|
| Eco | 110 km |
| Tour | 80 km |
| Boost | 45 km |

Cold, hills and soft tyres shorten the range. Below freezing point expect about a third less.

## Tyres and brakes

Keep the tyres between 3.5 and 4.5 bar. Change the brake pads when less than 1 millimetre of the lining is left. New
pads need about thirty firm stops before they reach their full power.

## Display messages

- **E02**: the motor is too hot. Ride without assistance for ten minutes.
- **E07**: the speed sensor gets no signal. Move the magnet on the spoke to within 5 millimetres of the sensor.
- **E11**: the battery is not locked in. Push it down until it clicks.

## Guarantee

The frame is guaranteed for ten years, the motor for three, the battery for two years or 500 full charges, whichever
comes first. The guarantee does not cover wear, or damage from high-pressure cleaners.

## Permitted load

Bicycle, rider and luggage together must not weigh more than 150 kilograms. The rack carries up to 25 kilograms.
"""

PRICES: dict[str, list[list[str | float]]] = {
    "Bicycles": [
        ["Model", "Frame", "Weight in kg", "Price in euros"],
        ["City 200", "aluminium", 14.2, 890],
        ["City 400", "aluminium, electric", 22.8, 2490],
        ["Tour 600", "steel", 13.1, 1390],
        ["Tour 800", "aluminium, electric", 23.9, 3190],
        ["Cargo L", "steel, electric", 38.5, 4690],
    ],
    "Workshop": [
        ["Service", "Duration in minutes", "Price in euros"],
        ["Small inspection", 45, 59],
        ["Large inspection", 120, 129],
        ["Brake service, both wheels", 60, 74],
        ["Wheel truing", 30, 28],
        ["Puncture repair", 20, 18],
        ["Motor diagnosis", 30, 39],
    ],
}


def write_handbook(path: Path) -> None:
    """A PDF of one chapter a page, with a header and page numbers."""
    styles = getSampleStyleSheet()
    body = ParagraphStyle("body", parent=styles["BodyText"], fontSize=11, leading=16, spaceAfter=8)
    title = ParagraphStyle("chapter", parent=styles["Heading1"], fontSize=18, leading=24, spaceAfter=14)
    story: list[object] = [Spacer(1, 70 * mm), Paragraph("Employee handbook", styles["Title"])]
    story += [Paragraph("Brightwater Cycles, edition of January 2026", styles["BodyText"]), PageBreak()]
    for number, (chapter, paragraphs) in enumerate(HANDBOOK, 1):
        story.append(Paragraph(f"{number}. {chapter}", title))
        story += [Paragraph(text, body) for text in paragraphs]
        if chapter == "Expenses and travel":
            rates = Table([["Expense", "Limit"], ["Hotel, a night", "120 euros"], ["Meals, a day", "28 euros"]])
            rates.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "#888888"), ("PADDING", (0, 0), (-1, -1), 6)]))
            story += [Spacer(1, 4 * mm), rates]
        story.append(PageBreak())

    def footer(canvas: object, document: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 9)  # type: ignore[attr-defined]
        canvas.drawCentredString(A4[0] / 2, 12 * mm, f"Employee handbook · {document.page}")  # type: ignore[attr-defined]

    SimpleDocTemplate(
        str(path), pagesize=A4, title="Employee handbook", author="Brightwater Cycles", invariant=1
    ).build(story, onFirstPage=footer, onLaterPages=footer)


def write_contract(path: Path) -> None:
    document = Document()
    document.add_heading("Bicycle rental agreement", 0)
    for heading, paragraphs in CONTRACT:
        document.add_heading(heading, 1)
        for text in paragraphs:
            document.add_paragraph(text)
    document.save(str(path))


def write_prices(path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in PRICES.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    book.save(path)


if __name__ == "__main__":
    SAMPLES.mkdir(parents=True, exist_ok=True)
    write_handbook(SAMPLES / "employee-handbook.pdf")
    write_contract(SAMPLES / "rental-agreement.docx")
    (SAMPLES / "city-400-manual.md").write_text(MANUAL, encoding="utf-8")
    write_prices(SAMPLES / "price-list.xlsx")
