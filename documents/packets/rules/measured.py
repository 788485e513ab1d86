"""The rules about what binding measured on the finished pages (packets/finding.py)."""

from collections.abc import Callable, Iterable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import PacketPage
from documents.packets import numbers
from documents.packets.rules.facts import Facts, Problem, Rule, mark_of, unsettled

CALLED: dict[str, str | Promise] = {
    numbers.SSN: gettext_lazy("a Social Security number"),
    numbers.ITIN: gettext_lazy("a taxpayer number (ITIN)"),
    numbers.CARD: gettext_lazy("a bank card number"),
    numbers.BANK: gettext_lazy("a bank account or routing number"),
}


def unredacted(facts: Facts) -> Iterator[Problem]:
    """V14: by their form, on pages that hold text; the others are an attorney's to look at. What was found when a paper
    came is settled on its page first."""
    yield from unsettled(facts, *CALLED)
    if not facts.findings:
        yield _unmeasured()
        return
    found: dict[int, list[str]] = {}
    for row in facts.findings["numbers"]:
        if row["kind"] in CALLED:
            found.setdefault(row["page"], []).append(row["kind"])
    for page, kinds in found.items():
        words = {"page": facts.then.label(page), "what": ", ".join(str(CALLED[kind]) for kind in kinds)}
        why = _("Page %(page)s seems to show %(what)s. Send a copy with it blacked out, or state why it must stay.")
        yield _on_page(facts, page, why % words, *kinds)
    yield from _unread(facts)


def _unread(facts: Facts) -> Iterator[Problem]:
    pages = facts.findings["pages_without_text"]
    if pages:
        why = _(
            "The portal cannot read the pictures on %(pages)s: it did not look for numbers there. Look at each, then "
            "state that you did."
        )
        looked_at = [_source(facts, page) for page in pages]
        yield Problem(
            why % {"pages": _spans(facts, pages)}, about="unread pages", mark=mark_of(sorted(looked_at)), stated=True
        )


def burned_in(facts: Facts) -> Iterator[Problem]:
    """V16: words that are in a page and do not show. Layers there are none: no part has a list of them, which is proved
    on every part when it is bound. What a picture with detail covers is not seen here."""
    if not facts.findings:
        yield _unmeasured()
        return
    for page in facts.findings["hidden"]:
        why = _(
            "Page %s holds words that do not show, under a dark or white box or without ink; whoever copies the text "
            "reads them. Send a copy in which they are gone, or state why they may stay."
        )
        yield _on_page(facts, page, why % facts.then.label(page), "hidden")


def one_way(facts: Facts) -> Iterator[Problem]:
    """V44: told by the direction of the words, or of one large picture, on each page; every page itself is upright."""
    if not facts.findings:
        yield _unmeasured()
        return
    turned = {*facts.findings["turned"]}
    for part in _parts(facts):
        sideways = sorted(turned & {row.number for row in part})
        if sideways and len(sideways) < len(part):
            words = {"part": part[0].part, "pages": _spans(facts, sideways)}
            why = _("In part %(part)d, what stands on %(pages)s runs up or down the page; on other pages it does not.")
            looked_at = [_source(facts, page) for page in sideways]
            yield Problem(why % words, about=f"part {part[0].part}", mark=mark_of(looked_at))


def clear_of_stamps(facts: Facts) -> Iterator[Problem]:
    """V48: what shows or holds words in the lowest half inch besides the stamp, which paints white under itself."""
    if not facts.findings:
        yield _unmeasured()
        return
    for page in facts.findings["stamped"]:
        why = _("Something on page %s reaches into the place of the page number. Look at the page.")
        yield _on_page(facts, page, why % facts.then.label(page), "stamped")


def _spans(facts: Facts, pages: Iterable[int]) -> str:
    return spans(pages, facts.then.label)


def spans(pages: Iterable[int], label: Callable[[int], str] = str) -> str:
    """Page numbers as people write them: pages 3, 5–9. `label`: what a page is called."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    told = ", ".join(label(run[0]) if len(run) == 1 else f"{label(run[0])}–{label(run[-1])}" for run in runs)
    return (_("page %s") if len(runs) == 1 and len(runs[0]) == 1 else _("pages %s")) % told


def _unmeasured() -> Problem:
    return Problem(_("The pages of this packet were not measured. Bind it again."), stated=False)


def _on_page(facts: Facts, page: int, why: str, *what: str) -> Problem:
    """About one page of a document, wherever it stands in a packet; a page of the portal's own by its number."""
    row = facts.ledger[page]
    document = next((each for each in facts.documents if each.pk == row.document_id), None)
    about = f"{row.document_id}:{row.source_page}" if row.document_id else f"{row.kind} page {page}"
    return Problem(why, document, about, mark_of(_source(facts, page), *what), stated=True)


def _source(facts: Facts, page: int) -> tuple[str, int]:
    """What stands on it: the print-ready bytes of its document and the page of them; or the text of the letter."""
    row = facts.ledger[page]
    printed = {source.document: source.print_sha256 for source in facts.then.sources()}
    own = facts.then.letter.sha256 if facts.then.letter else ""
    return printed.get(str(row.document_id), own), row.source_page or page


def _parts(facts: Facts) -> Iterator[list[PacketPage]]:
    """The pages of evidence, part by part."""
    found: dict[int, list[PacketPage]] = {}
    for row in facts.ledger.values():
        if row.document_id:
            found.setdefault(row.part, []).append(row)
    yield from found.values()


RULES = (
    Rule(
        "V14", "B", "measured", gettext_lazy("No Social Security, taxpayer, bank or card number is left open"),
        "practice: reference 57d", unredacted, "request", packet=True,
    ),
    Rule(
        "V16", "B", "measured", gettext_lazy("What was blacked out is gone, not only covered"),
        "reference 101", burned_in, "request", packet=True,
    ),
    Rule(
        "V44", "W", "measured", gettext_lazy("The pages of a part are held the same way"),
        "reference 44: Detroit, Cleveland", one_way, "request", packet=True,
    ),
    Rule(
        "V48", "W", "measured", gettext_lazy("No page reaches into the place of its number"),
        "design", clear_of_stamps, "request", packet=True,
    ),
)  # fmt: skip
