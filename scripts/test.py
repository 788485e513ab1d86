"""Run the suite on services of its own, which are gone afterwards.

AMPARO_SERVICES=DIR uses services already started by `scripts/services start --throwaway --dir DIR` and leaves them
running: each run makes a database of its own, so several may share them. Tests find the folder under the same name.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from scripts import process, services

ROOT = Path(__file__).resolve().parent.parent
LINTERS = (["ruff", "check", "--quiet"], ["mypy", "--no-error-summary"])
CHECKS = (
    ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    ["pytest", "--quiet", "tests/test_architecture.py", "tests/test_compose.py"],
)


def run(command: list[str], settings: Mapping[str, str]) -> int:
    """One of our own programs, stopped when we are."""
    program = [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    with subprocess.Popen(program, cwd=ROOT, env={**os.environ, **settings}) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.wait(10)  # the terminal has told it too
            raise
        finally:
            child.terminate()


def suite(arguments: list[str], folder: Path, *, alone: bool = False) -> int:
    """`arguments` go to pytest; without any, and with services that are `alone` ours, all tests run on every core."""
    settings = services.start(folder, throwaway=True)
    settings |= {"AMPARO_SERVICES": str(folder), "TEST_DATABASE": f"test_amparo_{os.getpid()}"}
    if arguments == ["--check"]:
        checked = settings | {"PUBLIC_URL": "https://portal.example.org"}
        return max(run(command, checked) for command in LINTERS + CHECKS)
    linted = 0 if arguments else max(run(linter, settings) for linter in LINTERS)
    if alone and not arguments:
        arguments = on_every_core(folder)
    return run(["pytest", *arguments], settings) or linted


def on_every_core(folder: Path) -> list[str]:
    """What pytest is told: its processes share the files out, each with services of its own (tests/workers.py)."""
    workers = [folder.with_name(f"gw{number}") for number in range(os.cpu_count() or 1)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(partial(services.start, throwaway=True), workers[1:]))
    return ["-p", "tests.workers", "-n", str(len(workers)), "--dist", "loadscope"]


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if shared := os.environ.get("AMPARO_SERVICES"):
        return suite(sys.argv[1:], Path(shared).resolve())
    base = Path(tempfile.mkdtemp(prefix="amparo-test-"))
    try:
        return suite(sys.argv[1:], base / "gw0", alone=True)
    finally:
        for folder in base.iterdir():
            services.stop(folder)
        base.rmdir()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except process.Failed as problem:
        sys.exit(str(problem))
