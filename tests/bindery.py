"""A packet to look at, and readers of finished files that had no part in writing them: pypdf and pdfium."""

import dataclasses
from pathlib import Path

import pypdfium2
from pypdf import PdfReader

from documents.packets.bind import bind
from documents.packets.profiles import Profile
from documents.packets.shape import Bound, LedgerRow, Order
from tests.prints import FAMILY, OPLA, SCHOOL, TIES, document, exhibit, order, paths

BAND = (0, 0, 612, 36)  # points: the lowest half inch


@dataclasses.dataclass
class Bench:
    """A folder of documents, an order of them, and what became of it."""

    folder: Path
    order: Order
    files: dict[str, Path]

    def bind(self, into: str = "out", profile: Profile = OPLA) -> Bound:
        (self.folder / into).mkdir(exist_ok=True)
        ordered = dataclasses.replace(self.order, profile_version=profile.version)
        return bind(ordered, self.files, profile, self.folder / into)

    def having(self, **changes: object) -> "Bench":
        return dataclasses.replace(self, order=dataclasses.replace(self.order, **changes))  # type: ignore[arg-type]


def one_packet(folder: Path) -> Bench:
    """Appearance form, letter, three tabs; one document supports two factors, one has pages left out."""
    form, marriage = document(folder, "form", 2), document(folder, "marriage", 3)
    school, letters = document(folder, "school", 2, split=True), document(folder, "letters", 7, use=((1, 3), (5, 7)))
    made = order(
        exhibit(marriage, factors=(FAMILY, TIES), date="3 May 2020"),
        exhibit(school, factors=(SCHOOL,)),
        exhibit(letters, factors=(TIES,), note="Translated from Spanish", handles=("neighbours",)),
        appearance=form[0],
        letter="# Why\n\nThey are married ({tab:marriage}), and {tab:Neighbours p.2} says so; see {tab:EDUCATION}.",
    )
    return Bench(folder, made, paths(form, marriage, school, letters))


def limited(limit: int) -> Profile:
    return dataclasses.replace(OPLA, part_limit=limit)


def texts(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def printed_numbers(path: Path) -> list[str]:
    """The last word in the lowest half inch of each page, as pdfium reads it."""
    pdf = pypdfium2.PdfDocument(path)
    found = [pdf[at].get_textpage().get_text_bounded(*BAND).split()[-1] for at in range(len(pdf))]
    pdf.close()
    return found


def links(path: Path) -> list[tuple[int, int]]:
    """(page with the link, page it leads to), both from 0."""
    reader = PdfReader(path)
    annotations = [(at, each.get_object()) for at, page in enumerate(reader.pages) for each in page.get("/Annots", ())]
    return [(at, reader.get_page_number(each["/Dest"][0].get_object()) or 0) for at, each in annotations]


def outline(path: Path) -> list[tuple[str, int]]:
    """(title, page from 0) of each bookmark, as pdfium reads it."""
    pdf = pypdfium2.PdfDocument(path)
    found = [(each.get_title(), each.get_dest().get_index()) for each in pdf.get_toc()]
    pdf.close()
    return found


def by_tab(bound: Bound) -> dict[str, list[LedgerRow]]:
    """The rows of each tab."""
    return {
        tab: [row for row in bound.ledger if row.tab == tab]
        for tab in dict.fromkeys(r.tab for r in bound.ledger)
        if tab
    }
