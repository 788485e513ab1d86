"""make guards: takes each guard of tests/guards.toml away, one at a time in a copy of the tree, and demands that the
tests named beside it fail. What nobody would notice is no guard. Words after the command choose guards by their name.

First all those tests pass in the untouched copy, or their failing would say nothing. A guard is let down when one of
its tests still passes, when the tests cannot be run at all, or when its text is no longer in its file exactly once.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from scripts import process, services

ROOT = Path(__file__).resolve().parent.parent
GUARDS = ROOT / "tests" / "guards.toml"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".local", ".env", "__pycache__", ".*_cache", ".hypothesis")
AT_ONCE = 2
SECONDS = 180  # for the tests of one guard
FAILED = re.compile(r"^FAILED (\S+::\w+(?:\[.*?\])?)", re.MULTILINE)


@dataclass(frozen=True)
class Guard:
    """`old` stands exactly once in `file`; with `new` in its place each of `tests` must fail.

    `made_from`: what is made from the file and has to be made anew: "" nothing, "database" or "services".
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    made_from: str = ""

    def fits(self, root: Path) -> bool:
        return (root / self.file).read_text().count(self.old) == 1


def load() -> list[Guard]:
    rows = tomllib.loads(GUARDS.read_text())["guard"]
    return [Guard(**{**row, "tests": tuple(row["tests"])}) for row in rows]


@dataclass(frozen=True)
class Copy:
    """The tree once more, with a database of its own in the shared services."""

    root: Path
    settings: Mapping[str, str]
    database: str

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        path = self.root / guard.file
        whole = path.read_text()
        path.write_text(whole.replace(guard.old, guard.new))
        try:
            yield
        finally:
            path.write_text(whole)

    def run(self, tests: Collection[str], made_from: str = "") -> tuple[int, str]:
        """pytest's exit code and words."""
        asked = ["--quiet", "--no-header", "--tb=short", "-p", "no:cacheprovider", *tests]
        env = {**os.environ, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        if made_from == "services":  # of the copy's own, as it configures them
            command = ["-m", "scripts.test", *asked]
            env.pop("AMPARO_SERVICES", None)
        else:
            kept = made_from != "database"
            command = ["-m", "pytest", "--reuse-db" if kept else "--create-db", *asked]
            env |= {**self.settings, "TEST_DATABASE": self.database if kept else f"{self.database}_anew"}
        done = subprocess.run(
            [sys.executable, *command], cwd=self.root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=SECONDS,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


def copied(into: Path, settings: Mapping[str, str], number: int) -> Copy:
    root = into / f"copy-{number}"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT, symlinks=True)
    (root / ".local").mkdir()
    (root / ".local" / "static").symlink_to(ROOT / ".local" / "static")
    return Copy(root, settings, f"test_guards_{number}")


def verdict(guard: Guard, copy: Copy) -> str:
    """Nothing when the guard's tests all noticed, else a sentence."""
    if not guard.fits(copy.root):
        return f"its text is not in {guard.file} exactly once: it moved"
    with copy.without(guard):
        try:
            code, said = copy.run(guard.tests, guard.made_from)
        except subprocess.TimeoutExpired:
            return f"its tests did not end within {SECONDS} seconds"
    failed = FAILED.findall(said)
    if code != 1:
        return "NOBODY NOTICED" if code == 0 else f"its tests could not be run:\n{said[-2000:]}"
    blind = [test for test in guard.tests if not any(each == test or each.startswith(f"{test}[") for each in failed)]
    return f"these did not notice: {', '.join(blind)}" if blind else ""


def untouched(guards: list[Guard], copies: list[Copy]) -> str:
    """Nothing when all the tests pass as things are, else what they said."""
    tests = sorted({test for guard in guards for test in guard.tests})
    shares = [(copy, tests[number :: len(copies)]) for number, copy in enumerate(copies)]
    with ThreadPoolExecutor() as pool:
        answers = pool.map(lambda share: share[0].run(share[1]) if share[1] else (0, ""), shares)
        return "\n".join(said for code, said in answers if code)


def judged(guards: list[Guard], copies: list[Copy]) -> Iterator[tuple[Guard, str]]:
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def judge(guard: Guard) -> tuple[Guard, str]:
        copy = free.get()
        try:
            return guard, verdict(guard, copy)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(judge, guards)


def report(guards: list[Guard], folder: Path) -> int:
    settings = services.start(folder / "services", throwaway=True) | {"AMPARO_SERVICES": str(folder / "services")}
    copies = [copied(folder, settings, number) for number in range(AT_ONCE)]
    if said := untouched(guards, copies):
        print(said, "\nThese tests fail as things are, so they prove nothing.", sep="\n")
        return 1
    wrong = 0
    for guard, sentence in judged(guards, copies):
        wrong += bool(sentence)
        first, *more = guard.tests
        print(f"{'NO' if sentence else 'yes':4}{guard.name:58}{first.removeprefix('tests/')}", flush=True)
        for line in more:
            print(f"{'':62}{line.removeprefix('tests/')}")
        if sentence:
            print(f"    {guard.file}: {sentence}")
    print(f"{len(guards) - wrong} of {len(guards)} guards are noticed when they are gone.")
    return bool(wrong)


def main(words: list[str]) -> int:
    guards = [guard for guard in load() if not words or any(word in guard.name for word in words)]
    if moved := [guard for guard in guards if not guard.fits(ROOT)]:
        sys.exit("\n".join(f"{guard.name}: its text is not in {guard.file} exactly once." for guard in moved))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="amparo-guards-"))
    try:
        return report(guards, folder)
    finally:
        services.stop(folder / "services")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except process.Failed as problem:
        sys.exit(str(problem))
