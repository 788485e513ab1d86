"""A first letter drawn from the factor board.

It says what the board says and where it is shown; nothing in it claims a fact that no filed paper stands behind.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from documents import offices
from documents.models import Factor, Request
from documents.packets import argued, circumstances
from documents.packets.arguing import BACKGROUND, PRIORITY, Argument, arguments, of
from documents.packets.arguing import missing as missing
from documents.packets.letter import DATE, escaped
from documents.packets.rules.facts import Facts
from documents.packets.shape import Order

Polarity, Form = Factor.Polarity, Request.Form
ASKED: Final[dict[str, str]] = {
    Form.NO_NTA: "not filing a Notice to Appear",
    Form.DISMISSAL: "dismissal without prejudice",
    Form.ADMINISTRATIVE_CLOSURE: "administrative closure",
    Form.TERMINATION: "termination of the proceedings",
    Form.JOINT_REOPEN: "a joint motion to reopen",
    Form.STIPULATION: "a stipulation or continuance",
    Form.RELEASE: "release from custody",
    Form.STAY: "a stay of removal",
    Form.DEFERRED_ACTION: "deferred action",
}


def draft(request: Request, order: Order) -> str:
    """A first letter (Markdown): the form first, what speaks for discretion, what against it as the attorney decided."""
    board = arguments(Facts.of(request, order))
    for_it, against = of(board, Polarity.POSITIVE, Polarity.CONTEXT), of(board, Polarity.NEGATIVE)
    against = [each for each in against if each.state != "omitted"]
    parts = [*_opening(request, order, board), *_priority(board)]
    for each in (*for_it, *against):
        parts += _argument(each)
    parts += [*_balance(for_it, against), circumstances.paragraphs(request).strip(), *_closing(request, order)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _opening(request: Request, order: Order, board: list[Argument]) -> Iterator[str]:
    cover = order.cover
    about = [offices.load(request.profile).filing, _who(order), _detained(request), _heard(order)]
    yield DATE
    yield _lines(cover.office)
    yield _lines(f"**{escaped(line)}**" for line in (f"Re: {about[0]}", *about[1:]) if line)
    yield "Dear Counsel:"
    yield (
        f"We represent {escaped(client_name(request))}. We respectfully ask the office to exercise its prosecutorial "
        f"discretion in this case. The form of discretion we ask for is **{ASKED[request.form]}**."
    )
    yield " ".join(_background(board))


def _background(board: list[Argument]) -> Iterator[str]:
    for each in board:
        if words := BACKGROUND.get(each.factor.code):
            yield f"{words} is at {series([cite.mark for cite in each.cites])}."


def _priority(board: list[Argument]) -> Iterator[str]:
    yield "# Why this case is not a priority"
    yield (
        "The office decides, case by case, where its resources are needed. What follows is the record of one person, "
        "with the evidence for each point. On that record, pursuing removal here would take resources from where they "
        "are needed more."
    )
    for each in board:
        if each.factor.code == PRIORITY:
            yield _evidence(each)


def _argument(argument: Argument) -> Iterator[str]:
    yield f"# {escaped(argument.heading)}"
    shown = "The evidence:" if argument.factor.polarity != Polarity.NEGATIVE else "The record:"
    yield " ".join(filter(None, [argued.opening_of(argument.factor.code), shown]))
    yield _evidence(argument)


def _evidence(argument: Argument) -> str:
    return "\n".join(f"- {escaped(cite.title)} ({cite.mark})" for cite in argument.cites)


def _balance(for_it: list[Argument], against: list[Argument]) -> Iterator[str]:
    yield "# Why the balance favors discretion"
    if for_it:
        yield f"For discretion speak, each with its evidence: {series(_names(for_it))}."
    if against:
        yield (
            f"We have set out what may be weighed against it: {series(_names(against))}. We do not ask the office to pass "
            "over it. We ask that it be weighed together with everything else in this record, and not alone."
        )
    yield "Taken together, the record favors discretion."


def _names(arguments_: list[Argument]) -> list[str]:
    return [escaped(f"{each.heading[0].lower()}{each.heading[1:]}") for each in arguments_]


def _closing(request: Request, order: Order) -> Iterator[str]:
    yield "# Conclusion"
    yield (
        f"For these reasons we ask the office to agree to **{ASKED[request.form]}**. The exhibits are listed in the index "
        "that follows. We will gladly answer any question and send whatever else the office wishes to see."
    )
    yield "Respectfully submitted,"
    yield _lines(order.cover.filer)


def _who(order: Order) -> str:
    return "; ".join(", ".join(filter(None, (each.name, each.a_number))) for each in order.cover.respondents)


def _detained(request: Request) -> str:
    return "Detained" if request.detained else ""


def _heard(order: Order) -> str:
    heard = [order.cover.judge, f"next hearing {order.cover.next_hearing}" if order.cover.next_hearing else ""]
    return ", ".join(filter(None, heard))


def _lines(lines: Iterable[str]) -> str:
    return "\\\n".join(line if line.startswith("**") else escaped(line) for line in lines if line.strip())


def client_name(request: Request) -> str:
    """“Rodríguez, Maria” as one says it: Maria Rodríguez."""
    family, _comma, given = request.matter.respondent.partition(",")
    return " ".join(f"{given} {family}".split())


def series(words: list[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
