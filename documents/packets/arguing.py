"""The factor board as arguments of a letter: what shows each, how the letter cites it, and whether it argues it yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from documents.models import Document, Factor, Tag
from documents.packets import argued, lineup
from documents.packets.rules.argument import omitted, subjects
from documents.packets.rules.facts import Facts
from documents.packets.shape import tab_letters

Polarity = Factor.Polarity
BACKGROUND: Final = {"DECLARATION": "Our client's own declaration", "IDENTITY": "Proof of identity"}
PRIORITY: Final = "ENFORCEMENT_PRIORITY"


@dataclass(frozen=True, slots=True)
class Cite:
    """A document behind a factor. `mark`: what the letter writes to cite it; `tab`: where it stands now."""

    mark: str
    title: str
    tab: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Argument:
    """A factor that filed documents show. `state`: argued, missing, or omitted with an attorney's reason, `why`."""

    factor: Factor
    cites: tuple[Cite, ...]
    state: str = ""
    why: str = ""

    @property
    def heading(self) -> str:
        return argued.heading_of(self.factor.code, self.factor.name_en)


def arguments(facts: Facts) -> list[Argument]:
    """Every factor of the board that filed documents show, in the order a letter argues them, and its state in ours."""
    there = argued.argued(facts.letter, facts.now, subjects(facts))
    places = {document.pk: place for place, document in enumerate(_tabbed(facts))}
    found = [
        _of_board(facts, facts.factors[code], documents, places, argued_=code in there)
        for code, documents in facts.by_factor.items()
        if facts.factors[code].polarity != Polarity.PROCEDURAL or code in BACKGROUND
    ]
    of_code = {each.factor.code: each for each in found if each.cites}
    ordered = lineup.ordered((each.factor for each in of_code.values()), facts.request.factor_order)
    return [of_code[factor.code] for factor in ordered]


def missing(letter: str, facts: Facts) -> list[Factor]:
    """The factors of the board that this letter does not argue, nor an attorney left out on purpose."""
    there = argued.argued(letter, facts.now, subjects(facts))
    weighed = (Polarity.POSITIVE, Polarity.NEGATIVE)
    shown = [facts.factors[code] for code in facts.by_factor if facts.factors[code].polarity in weighed]
    return [each for each in shown if each.code not in there and not omitted(facts, each.code)]


def of(board: Iterable[Argument], *polarities: str) -> list[Argument]:
    """The ones of these polarities, in their order, but for the question of priorities, which comes first of all."""
    return [each for each in board if each.factor.polarity in polarities and each.factor.code != PRIORITY]


def _tabbed(facts: Facts) -> list[Document]:
    form = facts.now.appearance.document if facts.now.appearance else ""
    return [document for document in facts.filed if str(document.pk) != form]


def _of_board(
    facts: Facts, factor: Factor, documents: list[Document], places: dict[UUID, int], *, argued_: bool
) -> Argument:  # fmt: skip
    tags = [(tag, document) for document in documents for tag in document.tags.all() if tag.factor_id == factor.code]
    cites = [_cite(tag, document, places[document.pk]) for tag, document in tags if document.pk in places]
    cites.sort(key=lambda each: not each.direct)  # the strongest first, then as the tabs stand
    why = "" if argued_ else omitted(facts, factor.code)
    return Argument(factor, tuple(cites), "argued" if argued_ else "omitted" if why else "missing", why)


def _cite(tag: Tag, document: Document, place: int) -> Cite:
    first, last = tag.first_page, tag.last_page
    name = f"tab:D{document.number}"
    mark = f"{{{name} p.{first}}}" if first else f"{{{name}}}"
    if first and last and last > first:
        mark += f" to {{{name} p.{last}}}"
    return Cite(mark, document.exhibit_title, tab_letters(place), tag.strength == Tag.Strength.DIRECT)
