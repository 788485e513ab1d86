"""A folder of evidence on its way to a packet, in a matter that is there for nothing else."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

from accounts.models import User
from documents import matters, tagging
from documents.management.commands._arriving import CHECKS, PREPARES, Arrival, Steps, take_in
from documents.management.commands._citing import Ambiguous, names_in, with_handles
from documents.management.commands._folder import Found, names_of, title_of
from documents.management.commands._work import BINDS, say, work_until
from documents.models import Document, Matter, Packet, Request
from documents.packets import arranging, letter, order, rules
from documents.packets.profiles import Profile


class Stopped(SystemExit):
    """Something stopped it, and was told on a line of its own."""

    def __init__(self, **line: object) -> None:
        super().__init__(1)
        if line:
            say(**line)


@dataclass(frozen=True, slots=True)
class Brief:
    """What the operator asked for. `markdown`: the letter, or None for one that cites every tab; `wait`: seconds."""

    profile: Profile
    office: str
    markdown: str | None
    strict: bool
    wait: float
    jobs: int


@dataclass(slots=True)
class Assembly:
    """The stages, in order, with the seconds each took. Whatever stops one raises Stopped."""

    matter: Matter
    brief: Brief
    actor: User
    seconds: dict[str, float] = field(default_factory=dict)

    def packet(self, files: list[Found]) -> Packet:
        """A bound packet of these files, in their order."""
        with self._timed("receive"):
            brought = {each: take_in(each.path, self.matter, actor=self.actor) for each in files}
            self._work(brought.values(), CHECKS)
        with self._timed("prepare"):
            self._work(brought.values(), PREPARES)
        for arrival in brought.values():
            say(**arrival.line())
        if not all(arrival.ready for arrival in brought.values()):
            raise Stopped
        with self._timed("bind"):
            documents = self._accept(brought)
            request = self._request()
            self._write_letter(request, brought, documents)
            return self._bind(request)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[stage] = round(time.monotonic() - began, 3)

    def _work(self, arrivals: Collection[Arrival], steps: Steps) -> None:
        """Do these steps on every document, some at once."""
        todo = [each for each in arrivals if each.document and not each.duplicate]

        def work(arrival: Arrival) -> None:
            arrival.work(steps, wait=self.brief.wait)

        if self.brief.jobs < 2:
            for arrival in todo:
                work(arrival)
        else:
            _at_once(work, todo, self.brief.jobs)
        for each in arrivals:
            if each.document:
                each.document.refresh_from_db()

    def _accept(self, brought: Mapping[Found, Arrival]) -> dict[str, Document]:
        """Every document under the factors whose folders it lies in, named after its file in the first of them."""
        documents: dict[str, Document] = {}
        names: dict[tuple[str, str], str] = {}
        for found, arrival in brought.items():
            assert arrival.document is not None
            document = documents.setdefault(str(arrival.document.pk), arrival.document)
            tagging.tag(document, found.factor, actor=self.actor)
            names.setdefault((str(document.pk), found.factor.code), title_of(found.path))
        for pk, document in documents.items():
            title = names[pk, arranging.factors(document)[0].code]
            tagging.name_exhibit(document, title, actor=self.actor)
            tagging.accept(document, actor=self.actor)
        return documents

    def _request(self) -> Request:
        """Nobody said at which stage the case is or what is asked for, so the cover does not say so either."""
        about = {"profile": self.brief.profile.code, "office": self.brief.office, "stage": "", "form": ""}
        return matters.open_request(self.matter, actor=self.actor, **about)

    def _write_letter(
        self, request: Request, brought: Mapping[Found, Arrival], documents: Mapping[str, Document]
    ) -> None:
        frozen = order.freeze(request)
        if self.brief.markdown is None:
            markdown = letter.default_letter(frozen)
        else:
            called: dict[str, set[Document]] = {}
            for found, arrival in brought.items():
                for name in names_of(found):
                    called.setdefault(name, set()).update({arrival.document} if arrival.document else ())
            try:
                markdown = with_handles(self.brief.markdown, frozen, names_in(frozen, called, documents))
            except Ambiguous as problem:
                why = f"The letter cites “{problem}”, and more than one exhibit answers to that."
                raise Stopped(stopped="letter", why=why) from None
        matters.change_letter(request, markdown, actor=self.actor)

    def _bind(self, request: Request) -> Packet:
        try:
            packet = order.order(request, actor=self.actor, despite=() if self.brief.strict else rules.RULES)
        except order.CannotOrder as problem:
            for result in problem.results:
                say(**result.as_json())
            raise Stopped from None
        work_until(packet, BINDS, seconds=self.brief.wait)
        if packet.state != Packet.State.BOUND:
            raise Stopped(packet=str(packet.pk), state=packet.state, why=packet.failure)
        return packet


def _at_once(work: Callable[[Arrival], None], arrivals: Iterable[Arrival], jobs: int) -> None:
    """Each on a database connection of its own. Where one fails, or somebody interrupts, what has begun ends first and
    nothing else begins."""

    def apart(arrival: Arrival) -> None:
        try:
            work(arrival)
        finally:
            connection.close()

    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(apart, each) for each in arrivals]
        try:
            for each in waiting:
                each.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
