"""An attorney's word on a rule: what no machine can see is so, or a warning is accepted with a reason."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents.models import Packet, Request, Statement
from documents.packets import rules
from documents.packets.order import freeze, take

Kind = AuditEvent.Kind


class CannotState(Exception):
    """There is nothing (any more) to state this about; the message says so."""


def state(request: Request, rule: str, about: str, mark: str, words: str, *, actor: User) -> Statement:
    """An attorney's statement, with its reason, on what the rule finds right now. Raises CannotState when it does not
    find that (any more), or no statement settles it. `about`, `mark`: of the problem, as the page showed it."""
    with transaction.atomic():
        request = take(request)
        found = {(result.problem.about, result.problem.mark) for result in _open(request, rule) if result.problem}
        if (about, mark) not in found:
            raise CannotState(_("This changed meanwhile. Look at the rule again."))
        return _keep(request, rule, about, mark, words, actor)


def accept_warnings(request: Request, seen: Iterable[str], words: str, *, actor: User) -> int:
    """Accept, with one reason, every warning that was on the page: `seen` holds `key` of each. Returns how many."""
    wanted = {*seen}
    with transaction.atomic():
        request = take(request)
        many = 0
        for result in rules.judge(request, freeze(request), newest(request)):
            if result.problem and result.severity == "W" and not result.passed and result.key in wanted:
                _keep(request, result.id, result.problem.about, result.problem.mark, words, actor)
                many += 1
    return many


def take_back(statement: Statement, *, actor: User) -> None:
    """The rule speaks again. Once is enough."""
    with transaction.atomic():
        ours = Statement.objects.select_for_update(of=("self",)).get(pk=statement.pk)
        if ours.taken_back_at is None:
            _take_back(ours, actor)


def newest(request: Request) -> Packet | None:
    """The bound packet that rules about a packet look at."""
    return request.packets.filter(state=Packet.State.BOUND).first()


def _open(request: Request, rule: str) -> list[rules.Result]:
    now, packet = freeze(request), newest(request)
    words = rules.judge(request, now, packet, only=lambda one: one.id == rule)
    return [result for result in words if result.may_be_stated]


def _keep(request: Request, rule: str, about: str, mark: str, words: str, actor: User) -> Statement:
    """The one before it, which was about something that changed, is taken back."""
    for earlier in request.statements.filter(rule=rule, about=about, taken_back_at=None):
        _take_back(earlier, actor)
    kept = Statement.objects.create(request=request, rule=rule, about=about, mark=mark, words=words, by=actor)
    record(Kind.STATED, request, actor=actor, rules=[rule], key=about, sha256=mark)
    return kept


def _take_back(statement: Statement, actor: User) -> None:
    statement.taken_back_by, statement.taken_back_at = actor, timezone.now()
    statement.save(update_fields=["taken_back_by", "taken_back_at"])
    record(Kind.TAKEN_BACK, statement.request, actor=actor, rules=[statement.rule], key=statement.about)
