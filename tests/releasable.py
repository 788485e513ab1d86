"""A request whose packet nothing stands against: what people have to do before a release, done."""

from accounts.models import User
from documents import agreeing, compartments, matters, options, particulars, tagging, vault
from documents.models import Agreement, Document, Factor, Matter, Packet, Request
from documents.packets import order, rules, stating
from tests.fixtures import pdf
from tests.papers import paper

LETTER = "{date}\n\nWe ask for administrative closure of this case.\n"

WEIGHED = {way.value: "preserved" for way in options.Way} | {"work_permit": "The client has none."}
SCREENED = {"two_years": "no", "closure": "yes"}


def represented(matter: Matter, attorney: User) -> Document:
    """The appearance form, which goes first: accepted, signed and of this matter. Requests without a letter get a signed
    one. To be there before a packet is ordered."""
    for request in matter.requests.filter(letter_signed_at=None):
        if not request.letter:
            argued(request, attorney, f"{{date}}\n\nWe ask for {request.get_form_display()}.\n")
    sealed = vault.seal([pdf(words="E-28")], vault.Area.VAULT, under=bytes(matter.key))
    kept = {"print_key": sealed.key, "print_sha256": sealed.sha256}
    form = paper(matter, attorney, pages=1, title="Form E-28", **kept)
    tagging.tag(form, Factor.objects.get(code="REPRESENTATION"), actor=attorney)
    tagging.accept(form, actor=attorney)
    particulars.note(form, {"signed": True, **({"a_number": True} if matter.a_number else {})}, actor=attorney)
    return form


def weighed(request: Request, attorney: User) -> Request:
    """With a complete options memo."""
    screened = SCREENED if request.form == Request.Form.DISMISSAL else {}
    options.weigh(request, WEIGHED | screened, actor=attorney)
    return request


def agreed(request: Request, client: User) -> None:
    """The client understands what a yes means, and agrees to the list as it is now. The memo is complete."""
    for kind in Agreement.Kind:
        agreeing.answer(request, kind, agreed=True, seen=agreeing.seen_now(request, kind), actor=client)


def cleared(packet: Packet, attorney: User) -> Packet:
    """A bound packet that waits for nothing but its release. All its papers are in English."""
    particulars.note_language(packet.request.matter, "en", actor=attorney)
    client = matters.client_of(packet.request.matter)
    assert client is not None
    agreed(weighed(packet.request, attorney), client)
    stated(packet.request, attorney, packet)
    return packet


def argued(request: Request, attorney: User, letter: str = LETTER) -> Request:
    """With a signed letter that names what is asked for."""
    matters.change_letter(request, letter, actor=attorney)
    matters.sign_letter(request, seen=matters.letter_sha256(letter), actor=attorney)
    return request


def disclosed(document: Document, attorney: User) -> None:
    """Every compartment it is in, opened for its pages as they are."""
    for inside in compartments.of(document):
        where, seen = inside.compartment, document.print_sha256
        compartments.decide(document, where, "disclose", "Waived.", seen=seen, actor=attorney)


def stated(request: Request, attorney: User, packet: Packet | None = None) -> None:
    """Every question that only an attorney's word answers, answered; every warning accepted."""
    now = order.freeze(request)
    packet = packet or stating.newest(request)
    for result in rules.judge(request, now, packet):
        if result.may_be_stated and not result.passed and result.problem:
            about, mark = result.problem.about, result.problem.mark
            stating.state(request, result.id, about, mark, "Looked at.", actor=attorney)
