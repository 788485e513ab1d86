"""The whole portal as `make run` starts it, on services and ports of its own: nothing is shared with another run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_string, policy
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from scripts import clamav, postgres, process, run, services, store
from tests.visitor import Visitor

PASSWORD = "three lit doorways in a wall"  # of the seeded staff


def wait_until[T](true: Callable[[], T], seconds: float) -> T:
    """Ask again and again until the answer is yes, and hand it on; an AssertionError when the time is over."""
    answers: list[T] = []

    def ask() -> bool:
        answers[:] = [true()]
        return bool(answers[0])

    assert process.until(ask, seconds), f"Not within {seconds} seconds; the last answer was {answers[0]!r}."
    return answers[0]


class Stack:
    """A seeded firm behind nginx. Web and worker have the application's database login and their own S3 credentials."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = services.start(folder, throwaway=True)
        self.state = services.known(folder)
        self.settings["DATABASE_URL"] = postgres.url("amparo", self.state["app"], self._port(services.POSTGRES))
        self.url = self.settings["PUBLIC_URL"]
        web_port = process.choose_block(2)
        self._programs = {one.name: one for one in run.programs(self.settings, folder, web_port)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._changed: dict[str, dict[str, str]] = {}
        self.visitors: dict[str, Visitor] = {}
        self._codes: dict[str, tuple[str, float]] = {}
        self._rows: psycopg.Connection[dict[str, Any]] | None = None

    def start(self) -> None:
        run.prepare(self.settings)
        for name in ("web", "pieces", "nginx", "worker"):
            self._start(name)
        wait_until(lambda: run.answers(self.url), 60)
        self.rows("UPDATE accounts_firmpolicy SET step_up_minutes = 60")  # who signed in once asks for originals all along

    def stop(self) -> None:
        for name in ("nginx", "pieces", "web", "worker"):
            self._kill(name, whole_group=True)
        if self._rows:
            self._rows.close()
        services.stop(self.folder)

    # Programs

    def start_worker(self, **changed: str) -> None:
        """A fresh worker, with some settings `changed`."""
        self._start("worker", **changed)

    def kill_worker(self, *, whole_group: bool = False) -> None:
        """kill -9 of the worker's process alone, or of its whole process group."""
        self._kill("worker", whole_group=whole_group)

    @contextmanager
    def no_worker(self, *, whole_group: bool = False) -> Iterator[None]:
        """None lives meanwhile; whatever happens, there is a fresh one afterwards."""
        self.kill_worker(whole_group=whole_group)
        try:
            yield
        finally:
            self.start_worker()

    def freeze_worker(self) -> None:
        """It stays where it is in its work, until it is killed."""
        os.kill(self._running["worker"].pid, signal.SIGSTOP)

    def restart_worker(self, **changed: str) -> None:
        self.kill_worker(whole_group=True)
        self.start_worker(**changed)

    def kill_web_workers(self, of: str = "web") -> list[int]:
        """kill -9 of every process that answers requests; their parent, which only watches them, stays."""
        killed = self.web_workers(of)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        return killed

    def web_workers(self, of: str = "web") -> list[int]:
        """The processes that answer requests: `of` pages ("web") or of files on their way ("pieces")."""
        parent = self._running[of].pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(pid) for pid in children if _lives(pid)]

    def restart(self, name: str, **changed: str) -> None:
        """A program anew, with some settings `changed`, once the portal answers again."""
        self._kill(name, whole_group=True)
        self._start(name, **changed)
        wait_until(lambda: run.answers(self.url), 60)

    def stands(self, of: str = "web") -> bool:
        """Whether the portal answers with all its processes. A parent two of whose processes die within seconds gives up
        and ends (Granian calls it a crash loop): it is started again, as `make run` and the containers do."""
        if self._running[of].poll() is not None:
            self._start(of, **self._changed[of])
        wanted = {"web": 2, "pieces": 1}[of]
        return len(self.web_workers(of)) == wanted and run.answers(self.url)

    @property
    def worker_settings(self) -> dict[str, str]:
        return dict(self._programs["worker"].settings)

    def _start(self, name: str, **changed: str) -> None:
        program, self._changed[name] = self._programs[name], changed
        path = f"{Path(sys.executable).parent}:/usr/sbin:{os.environ['PATH']}"
        env = {**os.environ, **program.settings, "PATH": path, "PYTHONUNBUFFERED": "1", **changed}
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                program.command, cwd=run.ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _kill(self, name: str, *, whole_group: bool) -> None:
        if (child := self._running.pop(name, None)) is None:
            return
        if whole_group:
            os.killpg(child.pid, signal.SIGKILL)
        else:
            os.kill(child.pid, signal.SIGKILL)
        child.wait()

    # Services

    def stop_clamd(self) -> None:
        clamav.stop(self.folder / "clamd", throwaway=True)

    def start_clamd(self) -> None:
        clamav.start(self.folder / "clamd", self._port(services.CLAMD))

    def stop_store(self) -> None:
        store.stop(self.folder / "seaweedfs", throwaway=True)

    def start_store(self) -> None:
        store.start(self.folder / "seaweedfs", self._port(services.S3), self.state)

    def _port(self, which: int) -> int:
        return services.port(self.folder, which)

    # What can be seen of it

    def rows(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        """As PostgreSQL's own administrator: these are the test's eyes (and, seldom, hands), not the portal's."""
        if self._rows is None:
            url = postgres.url("postgres", self.state["postgres"], self._port(services.POSTGRES))
            self._rows = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        found = self._rows.execute(sql, parameters)
        return found.fetchall() if found.description else []

    def value(self, sql: str, *parameters: object) -> Any:
        """The one column of the one row."""
        [row] = self.rows(sql, *parameters)
        [value] = row.values()
        return value

    def manage(self, *arguments: str) -> tuple[list[dict[str, Any]], int]:
        """A management command, with the worker's credential: its lines of JSON, and its exit code."""
        command, env = [sys.executable, "manage.py", *arguments], {**os.environ, **self.worker_settings}
        done = subprocess.run(command, cwd=run.ROOT, env=env, capture_output=True, text=True)
        if done.returncode not in {0, 1} or (done.returncode and not done.stdout):
            raise AssertionError(done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode

    def mails(self, to: str) -> list[str]:
        """The text of each mail to this address, oldest first."""
        files = sorted((self.folder / "mail").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        parsed = [
            message_from_string(text, policy=policy.default)
            for path in files
            for text in path.read_text().split("-" * 79)
            if text.strip()
        ]
        return [mail.get_content() for mail in parsed if mail["To"] == to]

    def mail(self, to: str) -> str:
        return wait_until(lambda: self.mails(to), 10)[-1]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # People

    def code(self, email: str) -> str:
        """A code of the person's authenticator app that was not given out before: each works once."""
        last, until = self._codes.get(email, ("", 0.0))
        wait_until(lambda: monotonic() >= until, 31)
        [told], _exit = self.manage("totp", email)
        assert told["code"] != last
        self._codes[email] = (told["code"], monotonic() + told["seconds"])
        return str(told["code"])

    def visitor(self, email: str) -> Visitor:
        """Signed in, once for all tests: codes by mail are few, codes of an app work once."""
        if email not in self.visitors:
            visitor = Visitor(self.url)
            client = self.value("SELECT role = 'client' FROM accounts_user WHERE email = %s", email)
            if client:
                visitor.sign_in_by_mail(email, lambda: self.mail(email))
            else:
                visitor.sign_in_by_password(email, PASSWORD, lambda: self.code(email))
            self.visitors[email] = visitor
        return self.visitors[email]


def _lives(pid: str) -> bool:
    """Whether it is more than a name that its parent has not read yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Gone afterwards, also when a test fails or the run is told to end."""
    before = signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))
    folder = Path(tempfile.mkdtemp(prefix="amparo-stack-"))
    running = None
    try:
        running = Stack(folder)
        running.start()
        yield running
    finally:
        if running:
            running.stop()
        else:
            services.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)
