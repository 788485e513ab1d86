"""A request whose packet nothing stands against: what people have to do before a release, done."""

from accounts.models import User
from documents import matters
from documents.models import Packet, Request
from documents.packets import order, rules, stating

LETTER = "We ask for administrative closure of this case.\n"


def argued(request: Request, attorney: User, letter: str = LETTER) -> Request:
    """With a signed letter that names what is asked for."""
    matters.change_letter(request, letter, actor=attorney)
    matters.sign_letter(request, seen=matters.letter_sha256(letter), actor=attorney)
    return request


def stated(request: Request, attorney: User, packet: Packet | None = None) -> None:
    """Every question that only an attorney's word answers, answered; every warning accepted."""
    now = order.freeze(request)
    packet = packet or stating.newest(request)
    for result in rules.judge(request, now, packet):
        if result.may_be_stated and not result.passed and result.problem:
            about, mark = result.problem.about, result.problem.mark
            stating.state(request, result.id, about, mark, "Looked at.", actor=attorney)
