"""The way in, on the whole portal (nginx, granian, worker, its services): what breaks, how fast, and what others notice.

Each part stands alone: `python -m tests.bench intake`, or one of `drops`, `phones`, `viewable`, `reading`, `page`.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from scripts import services
from tests import photographs
from tests.bench import inputs
from tests.bench.opening import open_page
from tests.bench.sending import PIECE, Phone, Tally, photos
from tests.stack import Stack, wait_until

MARIA, PAT = "maria@amparo.example", "pat@amparo.example"
MEGABYTE = 1_000_000
SENDERS, LARGE, BREAKS = 50, 8 * MEGABYTE, 0.05
PHONES, SPEED = 200, 300_000  # bytes a second
ONE, ROUNDS = 64 * MEGABYTE, 3
SHOTS, PAPERS, OPENINGS = 20, 8, 5
OVER = ("ready", "held", "refused", "quarantined")
DONE = (
    "SELECT count(*) = 0 AS done FROM documents_document WHERE state IN ('received', 'checking', 'clean', 'preparing')"
)
CAME = "SELECT count(*) AS came FROM documents_document WHERE sha256 = ANY(%s)"
PATIENCE = 600  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was measured, in `unit`, and the most (or, with `least`, the least) it may be."""

    what: str
    measured: float
    unit: str = ""
    bar: float | None = None
    least: bool = False

    def __str__(self) -> str:
        if self.bar is None:
            return f"  {self.what:62} {self.measured:>12,g} {self.unit}"
        met = self.measured >= self.bar if self.least else self.measured <= self.bar
        sign = "≥" if self.least else "≤"
        return f"  {self.what:62} {self.measured:>12,g} {self.unit:6} {sign} {self.bar:<9,g} {'' if met else 'MISSED'}"


class Bench:
    """The running portal, and the client who sends."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.maria = stack, stack.visitor(MARIA)
        sql = "SELECT matter_id FROM documents_membership m JOIN accounts_user u ON u.id = m.user_id WHERE u.email = %s"
        self.matter = str(stack.value(sql, MARIA))

    def rest(self) -> None:
        """Until the worker has nothing left to do."""
        wait_until(lambda: self.stack.value(DONE), PATIENCE)

    def came(self, contents: Iterable[bytes]) -> list[int]:
        """How many documents there are of each of these files."""
        return [int(self.stack.value(CAME, [sha256(content).hexdigest()])) for content in contents]

    def states(self, contents: Iterable[bytes]) -> list[str]:
        digests = [sha256(content).hexdigest() for content in contents]
        rows = self.stack.rows("SELECT state FROM documents_document WHERE sha256 = ANY(%s)", digests)
        return [str(row["state"]) for row in rows]


def drops(bench: Bench) -> list[Finding]:
    """Many send at once over lines that break; then one alone, beside the stages that its file passes."""
    contents, tally = list(photos(SENDERS, LARGE)), Tally()
    began = monotonic()
    phones = [Phone(bench.maria, bench.matter, tally, breaks=BREAKS, seed=number) for number in range(SENDERS)]
    asyncio.run(_all(phone.send(content) for phone, content in zip(phones, contents, strict=True)))
    received = monotonic() - began
    bench.rest()
    ready, came = monotonic() - began, bench.came(contents)
    states = bench.states(contents)
    return [
        Finding("files lost", came.count(0) + len(tally.failed), bar=0),
        Finding("files that are there twice", sum(count > 1 for count in came), bar=0),
        Finding("files that did not become ready", len(states) - states.count("ready"), bar=0),
        Finding("answers of 500 or more", tally.errors, bar=0),
        Finding("lines that broke in the middle of a piece", len(tally.resent)),
        Finding("bytes sent again after a break, most", max(tally.resent, default=0), "B", PIECE),
        Finding("received and read back, all together", round(SENDERS * LARGE / received / MEGABYTE, 1), "MB/s"),
        Finding(
            "scanned, in the vault and prepared, all together", round(SENDERS * LARGE / ready / MEGABYTE, 1), "MB/s"
        ),
        *_stages(bench),
    ]


def _stages(bench: Bench) -> list[Finding]:
    """One file of 64 MB from its first byte until it is clean in the vault, beside each stage alone."""
    alone = _measured_alone(bench.stack)
    seconds = [_until_clean(bench, content) for content in photos(ROUNDS, ONE)]
    again = _measured_alone(bench.stack)
    whole = ONE / statistics.median(seconds) / MEGABYTE
    both = {name: (speed + again[name]) / 2 for name, speed in alone.items()}
    told = [Finding(f"64 MB, alone: {name}", round(speed, 1), "MB/s") for name, speed in both.items()]
    told.append(Finding("64 MB, all of it: received, read back, scanned, in the vault", round(whole, 1), "MB/s"))
    return [*told, Finding("the same ÷ its slowest stage", round(whole / min(both.values()), 2), "", 0.35, least=True)]


def _measured_alone(stack: Stack) -> dict[str, float]:
    env = {**os.environ, **stack.worker_settings, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    command = [sys.executable, "-m", "tests.bench.stages", str(ONE), str(ROUNDS)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, env=env, check=True)
    speeds: dict[str, float] = json.loads(ran.stdout)
    return speeds


def _until_clean(bench: Bench, content: bytes) -> float:
    began = monotonic()
    asyncio.run(Phone(bench.maria, bench.matter, Tally()).send(content))
    wait_until(lambda: set(bench.states([content])) & {"clean", "preparing", *OVER}, PATIENCE)
    took = monotonic() - began
    bench.rest()
    return took


def phones(bench: Bench) -> list[Finding]:
    """Slow phones, all at the same time, through the configuration as it is shipped; what others notice of them."""
    bench.rest()
    contents, tally = list(photos(PHONES)), Tally()
    senders = [Phone(bench.maria, bench.matter, tally, speed=SPEED, seed=number) for number in range(PHONES)]
    with probing(bench) as told:
        asyncio.run(_all(_later(number / 40, sender, content) for number, (sender, content)
                         in enumerate(zip(senders, contents, strict=True))))  # fmt: skip
    lost = bench.came(contents).count(0)
    found = [
        Finding("files that failed", len(tally.failed) + lost, bar=0),
        Finding("answers of 500 or more", tally.errors, bar=0),
        Finding("pages that were not answered 200", len(told["wrong"]), bar=0),
    ]
    for name, times in told["pages"].items():
        found += [Finding(f"{name}, p50 of {len(times)}", _at(times, 0.5), "ms", 500)]
        found += [Finding(f"{name}, p99", _at(times, 0.99), "ms", 500)]
    bench.rest()
    return found


async def _later(seconds: float, phone: Phone, content: bytes) -> None:
    """Nobody presses in the very same moment."""
    await asyncio.sleep(seconds)
    await phone.send(content)


@contextmanager
def probing(bench: Bench) -> Iterator[dict[str, Any]]:
    """What pages cost meanwhile, filled in at the end."""
    pages = {
        "the page to sign in": {"path": "/sign-in/", "cookie": ""},
        "the client's own page": {"path": bench.maria.get("/").path, "cookie": bench.maria.cookie()},
    }
    command = [sys.executable, "-m", "tests.bench.probing"]
    told: dict[str, Any] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as prober:
        assert prober.stdin
        prober.stdin.write(json.dumps({"host": bench.maria.host, "pages": pages}) + "\n")
        prober.stdin.flush()
        try:
            yield told
        finally:
            told |= json.loads(prober.communicate()[0])


def viewable(bench: Bench) -> list[Finding]:
    """On a portal that has nothing else to do: from a photo's last byte until its picture can be seen."""
    bench.rest()
    took = [_until_seen(bench, inputs.photo(seed)) for seed in range(1, SHOTS + 1)]
    return [
        Finding(f"12 megapixels, last byte → its picture, p50 of {SHOTS}", _at(took, 0.5), "s", 1.5),
        Finding("the same, p95", _at(took, 0.95), "s", 1.5),
        Finding("the same, longest", max(took), "s"),
    ]


def _until_seen(bench: Bench, content: bytes) -> float:
    sent_at = asyncio.run(Phone(bench.maria, bench.matter, Tally()).send(content))
    digest, sql = sha256(content).hexdigest(), "SELECT id FROM documents_document WHERE sha256 = %s AND state = 'ready'"
    [row] = wait_until(lambda: bench.stack.rows(sql, digest), PATIENCE)
    wait_until(lambda: bench.maria.get(f"/documents/{row['id']}/pages/1.jpg").status == 200, PATIENCE)
    took = round(monotonic() - sent_at, 3)
    bench.rest()
    return took


def reading(bench: Bench) -> list[Finding]:
    """The same with a page of writing on each photo: from its being ready until somebody finds it by a word on it."""
    bench.rest()
    took = [_until_found(bench, number) for number in range(7001, 7001 + PAPERS)]
    return [
        Finding(f"a photographed page, ready → found by a word, p50 of {PAPERS}", _at(took, 0.5), "s", 5),
        Finding("the same, longest", max(took), "s", 5),
    ]


def _until_found(bench: Bench, number: int) -> float:
    content = photographs.jpeg(photographs.numbered(number))
    asyncio.run(Phone(bench.maria, bench.matter, Tally()).send(content))
    wait_until(lambda: bench.states([content]) == ["ready"], PATIENCE)
    ready, pat = monotonic(), bench.stack.visitor(PAT)
    pat.get(f"/matters/{bench.matter}/search/")
    wait_until(lambda: "<mark>" in pat.post(f"/matters/{bench.matter}/search/", {"q": str(number)}).text, PATIENCE)
    return round(monotonic() - ready, 3)


def page(bench: Bench) -> list[Finding]:
    """The page that sends, on a phone with a slow processor and a slow line that has never seen it."""
    opened = open_page(bench.stack, MARIA, f"/matters/{bench.matter}/send/", OPENINGS)
    return [
        Finding(f"the page that sends, all {opened.requests} requests", round(opened.bytes / 1000, 1), "KB", 60),
        Finding(f"first paint, median of {OPENINGS}", round(opened.paint), "ms", 1000),
    ]


PARTS: dict[str, tuple[str, Callable[[Bench], list[Finding]]]] = {
    "drops": (f"{SENDERS} × 8 MB at once, {BREAKS:.0%} of the pieces broken off", drops),
    "phones": (f"{PHONES} slow phones, 3.2 MB each at {SPEED // 1000} KB/s", phones),
    "viewable": ("a quiet portal and one photo at a time", viewable),
    "reading": ("a quiet portal and one photographed page at a time", reading),
    "page": ("a phone: processor ÷ 4, 1.6 Mbit/s, 150 ms there and back", page),
}


def measure(names: Sequence[str] = tuple(PARTS)) -> dict[str, object]:
    """Run these parts and print them."""
    told: dict[str, object] = {}
    with running() as bench:
        for name in names:
            title, part = PARTS[name]
            load, found = os.getloadavg()[0], part(bench)
            print(f"{title} (load before: {load:.1f})", *found, "", sep="\n", flush=True)
            told[name] = [asdict(finding) for finding in found]
    return told


@contextmanager
def running() -> Iterator[Bench]:
    """A portal of our own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="amparo-bench-"))
    stack = None
    try:
        stack = Stack(folder)
        stack.start()
        yield Bench(stack)
    finally:
        stack.stop() if stack else services.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


async def _all(sending: Iterable[Awaitable[object]]) -> None:
    await asyncio.gather(*sending)


def _at(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    measure(sys.argv[1:] or tuple(PARTS))
