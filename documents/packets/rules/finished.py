"""The rules about a bound packet's own pages."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents import offices
from documents.packets.bind import file_names
from documents.packets.profiles import UnknownProfile
from documents.packets.rules import measured
from documents.packets.rules.facts import Facts, Problem, Rule


def bare(facts: Facts) -> Iterator[Problem]:
    """V17 was measured on every finished part while binding; a part it failed on is never kept."""
    if not facts.proved_when_bound("V17"):
        yield Problem(_("This packet was not checked for hidden data. Bind it again."))


def counted(facts: Facts) -> Iterator[Problem]:
    """V18: the ledger's count, its parts' ranges and the total agree; page size was measured while binding."""
    packet = facts.packet
    assert packet is not None
    numbers = list(packet.ledger.values_list("number", flat=True))
    ranges = [page for part in packet.parts.all() for page in range(part.first_page, part.last_page + 1)]
    if not numbers == ranges == list(range(1, packet.total_pages + 1)) or not facts.proved_when_bound("V18"):
        yield Problem(_("The page numbers of this packet do not agree. Bind it again."))


def fitting(facts: Facts) -> Iterator[Problem]:
    """V19: by what the office took when it was ordered. That a file is a PDF was proved on its bytes while binding."""
    assert facts.packet is not None
    try:
        profile = offices.at(facts.then.profile, facts.then.profile_version)
    except UnknownProfile:
        yield Problem(_("The office profile has changed since this packet was ordered. Order it again."))
        return
    parts = list(facts.packet.parts.all())
    for part in parts:
        if part.bytes > profile.part_limit:
            yield Problem(_("Part %(number)d is larger than this office takes.") % {"number": part.number})
    if [part.filename for part in parts] != file_names(facts.then, profile, len(parts)):
        yield Problem(_("The names of the files are not in order, or not those of PDF files. Bind it again."))


def unchanged(facts: Facts) -> Iterator[Problem]:
    """V27: an order made now would freeze the same evidence, letter and cover, and add to the same filed pages."""
    then, now = facts.then, facts.again
    if now is None or then.onto != now.onto:
        yield Problem(_("What was filed changed after this supplement was ordered. Order it again."))
        return
    if (then.profile, then.profile_version) != (now.profile, now.profile_version):
        yield Problem(_("The office, or what it expects, changed after the packet was ordered. Order it again."))
    if (then.cover, then.letter, then.appearance) != (now.cover, now.letter, now.appearance):
        yield Problem(_("The cover, the letter or the appearance form changed after the packet was ordered."))
    if then.exhibits != now.exhibits:
        yield Problem(_("The evidence changed after the packet was ordered. Order it again."))


RULES = (
    *measured.RULES,
    Rule(
        "V17", "B", "measured", gettext_lazy("No hidden data, scripts, attachments or passwords"),
        "reference 101; design", bare, "request", packet=True,
    ),
    Rule(
        "V18", "B", "measured", gettext_lazy("Letter pages, one count without a gap, an index that agrees"),
        "8 CFR 1003.32; ICPM 3.3", counted, "request", packet=True,
    ),
    Rule(
        "V19", "B", "measured", gettext_lazy("Every file is within the office's limit"),
        "ECAS: 25 MB a file", fitting, "request", packet=True,
    ),
    Rule(
        "V27", "B", "measured", gettext_lazy("Nothing changed since the packet was ordered"),
        "design", unchanged, "request", packet=True,
    ),
)  # fmt: skip
