"""The rules about what is looked at, and agreed with the client, before anything is asked for."""

from collections.abc import Collection, Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from documents import options, outcome
from documents.models import Agreement, Arrest, Claim, Document, Factor, Tag
from documents.packets.rules.argument import argued_without_tab
from documents.packets.rules.facts import Facts, Problem, Rule, State, mark_of

NONE_KNOWN = "none"
CRIMINAL = "CRIMINAL_HISTORY"


def list_mark(papers: Mapping[str, str], *, without: Collection[str] = ()) -> str:
    """Tells one list of papers from another: which, and their very pages. `papers`: SHA-256 of the print-ready pages by
    document (id), in whatever order; made smaller or searchable they are the same pages."""
    return mark_of(*sorted(paper for paper in papers.items() if paper[0] not in without))


def understands(last: Agreement | None, client: User | None) -> bool:
    """Whether this client understood the text as it is now, in the language this client reads."""
    if last is None or client is None or not last.agreed or last.person_id != client.pk:
        return False
    return (last.version, last.language) == (outcome.VERSION, client.language)


def consents(last: Agreement | None, client: User | None, papers: Mapping[str, str]) -> bool:
    """Whether this client said yes to this list, but for the papers objected to."""
    if last is None or client is None or not last.agreed or last.person_id != client.pk:
        return False
    return last.version == list_mark(papers, without=last.objections)


def weighed(facts: Facts) -> Iterator[Problem]:
    """V20: the memo is where an attorney states it; no other statement stands for it."""
    for sentence in options.missing(facts.request):
        yield Problem(sentence, stated=False)


def understood(facts: Facts) -> Iterator[Problem]:
    """V21"""
    last, client = facts.agreements.get("outcome"), facts.client
    if client is None:
        yield Problem(_("No client is on this matter yet. Invite the client, who has to read what a yes means."))
    elif not understands(last, client):
        yield Problem(_understood(last, client))


def consented(facts: Facts) -> Iterator[Problem]:
    """V22: only the client consents."""
    last, client = facts.agreements.get("evidence"), facts.client
    if client is None:
        yield Problem(_("No client is on this matter yet. Invite the client, who has to see the list."), stated=False)
    elif not consents(last, client, {str(document.pk): document.print_sha256 for document in facts.filed}):
        yield Problem(_consented(last, client), stated=False)
    for document in facts.filed:
        if last and str(document.pk) in last.objections:
            why = _("The client does not want %s sent. Take it out, or talk with the client.")
            yield Problem(why % document, document, stated=False)


def charted(facts: Facts) -> Iterator[Problem]:
    """V26: a line has its paper or an attorney's note; that none is known is an attorney's word."""
    there = {document.pk for document in facts.documents if document.state == State.READY}
    for number, arrest in enumerate(facts.arrests, 1):
        if not arrest.note and arrest.disposition_id not in there:
            yield Problem(_uncharted(number, arrest), about=str(arrest.pk), stated=False)
    if not facts.arrests:
        yield _none_known(facts)


def empty(facts: Facts) -> Iterator[Problem]:
    """V30: that it does not apply, an attorney says for the matter on its board, or for this request here."""
    for code, factor in facts.factors.items():
        if factor.origin == Factor.Origin.SEED and code not in facts.by_factor and not _set_aside(facts, code):
            why = _("Nothing that is filed shows “%s”. If it does not apply, an attorney says so.")
            yield Problem(why % factor, about=code, mark=mark_of(code), factor=code)


def _set_aside(facts: Facts, code: str) -> bool:
    return code in facts.claims and facts.claims[code].set_aside


def direct(facts: Facts) -> Iterator[Problem]:
    """V29: what the board claims with nothing direct, and what the letter's headings argue without a paper."""
    argued = list(argued_without_tab(facts))
    yield from argued
    yield from _unshown(facts, {problem.about for problem in argued})
    for code, documents in facts.by_factor.items():
        tags = [tag for document in documents for tag in document.tags.all() if tag.factor_id == code]
        if _claimed(tags) and not any(tag.strength == Tag.Strength.DIRECT for tag in tags):
            why = _("“%s” has only supporting papers. Add one that shows it directly, or say why these are enough.")
            yield Problem(why % facts.factors[code], about=code, mark=_behind(documents), factor=code)


def _unshown(facts: Facts, said: Collection[str]) -> Iterator[Problem]:
    """Claimed by a tag on a paper that is not filed yet, or on the board, and no filed paper shows it. `said`: told
    already."""
    tags = [(tag, document) for document in facts.documents for tag in document.tags.all()]
    tagged = {tag.factor_id: document for tag, document in reversed(tags) if _claimed([tag])}
    on_board = {code for code, claim in facts.claims.items() if claim.said == Claim.Said.CLAIMED}
    for code, factor in facts.factors.items():
        if code in {*tagged, *on_board} and code not in facts.by_factor and code not in said:
            why = (
                _("“%s” has papers, and none of them is accepted yet. Accept one, or say why it goes without.")
                if code in tagged
                else _("“%s” is claimed, and no paper shows it. Add one, or take the claim back.")
            )
            yield Problem(why % factor, tagged.get(code), code, mark_of(code, code in tagged), factor=code)


def _claimed(tags: list[Tag]) -> bool:
    return any(tag.factor.polarity == Factor.Polarity.POSITIVE for tag in tags)


def _behind(documents: list[Document]) -> str:
    return mark_of(*sorted((str(document.pk), document.print_sha256) for document in documents))


def _understood(last: Agreement | None, client: User) -> str:
    if last is None or last.person_id != client.pk:
        return _("The client has not said yet that they understand what a yes means.")
    if last.version != outcome.VERSION:
        return _("The text about what a yes means changed since the client read it. The client reads it again.")
    if last.language != client.language:
        return _("The client read what a yes means in another language than their own. They read it again.")
    return _("The client has a question about what a yes means. Answer it, then the client reads it again.")


def _consented(last: Agreement | None, client: User) -> str:
    if last is None or last.person_id != client.pk:
        return _("The client has not agreed to the list of papers yet.")
    if not last.agreed:
        return _("The client has a question about the list of papers. Answer it, then the client looks again.")
    return _("The list of papers is not the one the client agreed to. The client looks at it again.")


def _uncharted(number: int, arrest: Arrest) -> str:
    if arrest.disposition_id:
        return _("The paper for line %d of the history chart is not there any more. Choose another.") % number
    return _("Line %d of the history chart has no paper that says how it ended, and no attorney's note.") % number


def _none_known(facts: Facts) -> Problem:
    """The papers tagged as criminal history are a hint; more of them, and the question is asked anew."""
    hints = sum(any(tag.factor_id == CRIMINAL for tag in document.tags.all()) for document in facts.documents)
    why = _("No arrest is on the history chart. If none is known, an attorney states it.")
    if hints:
        more = ngettext(
            "%(n)d document is tagged as criminal history.", "%(n)d documents are tagged as criminal history.", hints
        )
        why = f"{why} {more % {'n': hints}}"
    return Problem(why, about=NONE_KNOWN, mark=mark_of(len(facts.arrests), hints))


RULES: tuple[Rule, ...] = (
    Rule(
        "V20", "B", "attested", gettext_lazy("Every other way to stay was weighed"),
        "practice: options memo; 8 USC 1225(b)(1)", weighed, "options",
    ),
    Rule(
        "V21", "B", "measured", gettext_lazy("The client understands what a yes does and does not do"),
        "practice: informed client", understood, "asking",
    ),
    Rule(
        "V22", "B", "attested", gettext_lazy("The client agrees to the papers that are filed"),
        "Rules 1.2 and 1.4", consented, "asking",
    ),
    Rule(
        "V26", "B", "attested", gettext_lazy("Every known arrest has its outcome"),
        "offices' criminal history charts", charted, "arrests",
    ),
    Rule(
        "V29", "W", "measured", gettext_lazy("What is claimed has direct evidence"),
        "practice: factor board", direct, "board",
    ),
    Rule(
        "V30", "W", "measured", gettext_lazy("No main factor is left empty without a word"),
        "practice: factor board", empty, "board",
    ),
)  # fmt: skip
