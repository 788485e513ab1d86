"""make run: the portal on this machine, in the foreground, until SIGINT or SIGTERM.

What was already running (`make services`) is used and left running. A program that ends is started again; one that
ends at once, three times, ends everything.
"""

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import IO

from scripts import clamav, process, services

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
HASTY = 15  # seconds; ending by itself sooner than this is a fault, being killed is not
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
printing = Lock()


def say(name: str, line: str) -> None:
    with printing:
        print(f"{name:6} | {line}", flush=True)


def pass_on(name: str, output: IO[str]) -> None:
    """Each line under the program's name; a mail, which has many, under its own."""
    mail = False
    for line in output:
        mail = line.startswith("mail to ") or (mail and not re.match(r"\d{4}-|\[", line))
        say("mail" if mail else name, line.rstrip())


@dataclass
class Program:
    name: str
    command: Sequence[str]
    settings: Mapping[str, str]
    ends_on: signal.Signals = signal.SIGTERM
    started: float = 0.0
    hasty: int = 0
    child: subprocess.Popen[str] = field(init=False)

    def start(self) -> None:
        path = f"{Path(sys.executable).parent}:/usr/sbin:{os.environ['PATH']}"
        env = {**os.environ, **self.settings, "PYTHONUNBUFFERED": "1", "PATH": path}
        self.started = time.monotonic()
        self.child = subprocess.Popen(
            self.command, cwd=ROOT, env=env, text=True, errors="replace", start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        Thread(target=pass_on, args=(self.name, self.child.stdout), daemon=True).start()

    def look(self) -> None:
        """Start it again when it ended."""
        if (code := self.child.poll()) is None:
            return
        self.hasty = self.hasty + 1 if code >= 0 and time.monotonic() - self.started < HASTY else 0
        if self.hasty == 3:
            raise process.Failed(f"{self.name} ends at once, again and again (see above), so everything was stopped.")
        say(self.name, f"ended ({code}) and is started again")
        self.sweep()
        self.start()

    def stop(self) -> None:
        self.child.send_signal(self.ends_on)
        try:
            self.child.wait(25)
        except subprocess.TimeoutExpired:
            self.child.kill()
        self.sweep()

    def sweep(self) -> None:
        """Its own children, which a killed parent leaves behind: they share its group, which is theirs alone."""
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def prepare(settings: Mapping[str, str]) -> None:
    env = {**os.environ, **settings, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    if subprocess.run([sys.executable, "-m", "scripts.prepare"], cwd=ROOT, env=env).returncode:
        raise process.Failed("The database could not be prepared (see above), so the portal was not started.")


def nginx_config(folder: Path, listen: str, upstream: str, pieces: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "deploy" / "nginx.conf.template").read_text()
    filled = {"LISTEN": listen, "TLS": "", "UPSTREAM": upstream, "PIECES": pieces, "RUN": str(folder)}
    for name, value in filled.items():
        text = text.replace(f"${{{name}}}", value)
    config = folder / "nginx.conf"
    config.write_text(text)
    return config


def programs(settings: Mapping[str, str], folder: Path, web_port: int) -> list[Program]:
    """Web on two ports, `web_port` and the next for pieces; worker and nginx; on the services of `folder`."""
    worker = {name: value for name, value in settings.items() if name != "DATABASE_OWNER_URL"}
    web = {**worker, **services.credential("web", services.known(folder)), "GRANIAN_HOST": "127.0.0.1"}
    places = [f"127.0.0.1:{port}" for port in (settings["PORT"], web_port, web_port + 1)]
    config = nginx_config(folder / "nginx", *places)
    return [
        Program("web", ["deploy/web"], {**web, "GRANIAN_PORT": str(web_port)}),
        Program("pieces", ["deploy/web"], {**web, "GRANIAN_PORT": str(web_port + 1), "GRANIAN_WORKERS": "1"}),
        Program("worker", [sys.executable, "manage.py", "worker"], worker),
        Program("nginx", ["nginx", "-e", "stderr", "-c", str(config)], {}, signal.SIGQUIT),
    ]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def serve(settings: Mapping[str, str]) -> None:
    running = programs(settings, LOCAL, services.port(LOCAL, services.WEB))
    ready = False
    try:
        for program in running:
            program.start()
        while True:
            for program in running:
                program.look()
            if not ready and (ready := answers(settings["PUBLIC_URL"])):
                say("ready", f"{settings['PUBLIC_URL']}/ (Ctrl-C stops it)")
            clamav.refresh(LOCAL / "clamd", services.port(LOCAL, services.CLAMD))
            time.sleep(1 if ready else 0.1)
    finally:
        for program in reversed(running):
            program.stop()


def interrupted(*_: object) -> None:
    """The first signal stops everything, in order; further ones change nothing."""
    for sign in SIGNALS:
        signal.signal(sign, signal.SIG_IGN)
    raise SystemExit(0)


def refuse_taken(port: int) -> None:
    if not process.free(port):
        raise process.Failed(f"Port {port} is taken by another program. Choose another: PORT={port + 10} make run")


def main() -> None:
    for sign in SIGNALS:
        signal.signal(sign, interrupted)
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise process.Failed("make run already runs in this folder.") from None
        refuse_taken(int(os.environ.get("PORT", 8000)))
        before = services.running(LOCAL)
        try:
            settings = services.start(LOCAL)
            prepare(settings)
            serve(settings)
        finally:
            services.stop(LOCAL, keep=before)


if __name__ == "__main__":
    try:
        main()
    except process.Failed as problem:
        sys.exit(str(problem))
