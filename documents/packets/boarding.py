"""The factor board of a matter: what speaks for and against, what shows it, and where nothing does.

What it finds missing are the words of the rules themselves, judged on the same papers: board and rules cannot disagree.
It is made of rows that are fetched once: as many queries, however many papers there are.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from documents import compartments, pairing, tagging
from documents.models import ChecklistItem, Document, DocumentType, Factor, Matter, Request, Tag
from documents.packets import argued, arranging, freezing, lineup, rules
from documents.packets.rules.argument import omitted, subjects
from documents.packets.rules.facts import SETTLED, Facts
from documents.packets.squares import Board, Column, Gap, Square

Polarity, State = Factor.Polarity, Document.State
HERE: Final = ("V06", "V29", "V30", "V31", "V35")  # what the board judges
ALONE: Final = ("V29", "V30", "V31", "V35")  # and while nothing is asked for yet
EMPTY: Final = "V30"  # a main factor without a paper: said calmly
UNSORTED: Final = {"UNSORTED"}
UNREAD: Final = ("name", "password", "arrangement", "suggestions", "warnings", "review_reason")  # sealed or long


def look(matter: Matter, request: Request | None, documents: QuerySet[Document]) -> Board:
    """The board as `documents` (those of the matter that somebody may see) and the newest request make it."""
    factors = {factor.code: factor for factor in Factor.everything.of(matter.pk)}
    found = fetched(documents, factors)
    facts = facts_of(matter, request, found, factors)
    squares = {code: Square(factor, claim=facts.claims.get(code)) for code, factor in factors.items()}
    _put_papers(squares, found)
    _put_words(squares, facts, asking(matter))
    _put_letter(squares, facts)
    unsorted = [document for document in found if document.state == State.READY and _is_unsorted(document)]
    return _columns(squares, facts.request.factor_order, unsorted)


def fetched(documents: QuerySet[Document], factors: dict[str, Factor]) -> list[Document]:
    """Those that are not over, by number, with types, holds and tags; three queries."""
    rows = documents.exclude(state__in=Document.OVER).select_related(None).select_related("item").defer(*UNREAD)
    found = list(rows.order_by("number").prefetch_related("tags", "holds", *compartments.ROWS[1:]))
    for document in found:
        for tag in document.tags.all():
            tag.document = document
            tag.factor = factors[tag.factor_id]
    return found


def facts_of(matter: Matter, request: Request | None, found: list[Document], factors: dict[str, Factor]) -> Facts:
    """What the rules look at, of rows that are fetched already. A matter without a request is looked at as if one were
    open that asks for nothing yet."""
    asked = request or Request(matter=matter)
    live = [document for document in found if document.state not in SETTLED]
    facts = Facts(asked, live, freezing.sketch(asked, live, pairing.standing(matter)))
    vars(facts)["factors"] = factors  # as the property would keep them
    if request is None:
        vars(facts)["statements"] = {}
    return facts


def words(facts: Facts) -> list[rules.Result]:
    """What the rules of the board say."""
    wanted = HERE if facts.request.form else ALONE
    found = [result for each in wanted for result in rules.results(rules.RULES[each], facts)]
    return [result for result in found if result.problem]


def asking(matter: Matter) -> dict[str, list[tuple[DocumentType, bool]]]:
    """By factor, the kinds of paper that show it, and whether the client is asked for each already; one query. Under
    the empty code every kind there is."""
    asked = ChecklistItem.objects.filter(matter=matter, item=OuterRef("documenttype"), waived_at=None)
    shows: Any = Factor.evidence.through.objects.select_related("documenttype").annotate(asked=Exists(asked))
    found: defaultdict[str, list[tuple[DocumentType, bool]]] = defaultdict(list)
    for each in shows.order_by("documenttype__position"):
        found[each.factor_id].append((each.documenttype, each.asked))
        found[""].append((each.documenttype, each.asked))
    return found


def _put_papers(squares: dict[str, Square], found: Iterable[Document]) -> None:
    for document in found:
        held = {hold.factor_id for hold in document.holds.all() if not hold.lifted_at}
        aside = tagging.is_set_aside(document)
        for tag in document.tags.all():
            if aside and tag.factor.polarity != Polarity.PROCEDURAL:
                continue  # it is in no packet, whatever it shows
            squares[tag.factor_id].tags.append(tag)
            squares[tag.factor_id].held += tag.factor_id in held
    for square in squares.values():
        square.tags.sort(key=lambda tag: _place(tag, square.factor))


def _place(tag: Tag, factor: Factor) -> tuple[int, ...]:
    """In family whose paper it is comes first, then what shows it directly."""
    kin, *rest = arranging.within(tag.document, factor)
    return (kin, tag.strength != Tag.Strength.DIRECT, *rest)


def _put_words(squares: dict[str, Square], facts: Facts, kinds: dict[str, list[tuple[DocumentType, bool]]]) -> None:
    for result in words(facts):
        assert result.problem
        square = squares[result.problem.factor]
        if result.statement:
            square.settled.append(result)
        elif result.id == EMPTY:
            square.empty = square.claim is None and not square.tags  # what is held is there
            square.kinds = tuple(kind for kind, asked in kinds[square.factor.code] if not asked)
        else:
            square.gaps.append(_gap(result, square.factor, kinds))


def _gap(result: rules.Result, factor: Factor, kinds: dict[str, list[tuple[DocumentType, bool]]]) -> Gap:
    assert result.problem
    if result.id == "V06" or (result.problem.document and not result.problem.ask):
        return Gap(result)
    named = {kind.pk: (kind, asked) for kind, asked in kinds[""]}
    offered = [named[code] for code in result.problem.ask] or kinds[factor.code]
    return Gap(
        result,
        tuple(kind for kind, asked in offered if not asked),
        tuple(kind for kind, asked in offered if asked),
    )


def _put_letter(squares: dict[str, Square], facts: Facts) -> None:
    for code, part in argued.places(facts.letter, facts.now, subjects(facts)).items():
        squares[code].part = part
    for code in facts.by_factor:
        if squares[code].part is None and squares[code].factor.polarity == Polarity.NEGATIVE:
            squares[code].omitted = omitted(facts, code)


def _is_unsorted(document: Document) -> bool:
    return {tag.factor_id for tag in document.tags.all()} <= UNSORTED


def _columns(squares: dict[str, Square], chosen: list[str], unsorted: list[Document]) -> Board:
    board = Board(Column(), Column(), Column(), unsorted)
    sides = {Polarity.POSITIVE: board.positive, Polarity.NEGATIVE: board.negative}
    for factor in lineup.ordered((square.factor for square in squares.values()), chosen):
        square = squares[factor.code]
        column = sides.get(Polarity(factor.polarity), board.context)
        if square.shown:
            column.shown.append(square)
        elif not factor.put_away_at:
            column.rest.append(square)
    return board
