"""A PostgreSQL cluster of our own on loopback (never the one Debian's package makes)."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg

from scripts import process

ROLES = Path(__file__).resolve().parent / "roles.sql"
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def program(name: str) -> str:
    """The newest installed PostgreSQL, 15 or later."""
    found = {int(p.parts[-3]): p for p in Path("/usr/lib/postgresql").glob(f"*/bin/{name}") if p.parts[-3].isdigit()}
    if not found or max(found) < 15:
        raise process.Failed("PostgreSQL 15 or later is not installed: scripts/setup installs it.")
    return str(found[max(found)])


def cluster(folder: Path) -> Path:
    """Where the rows live. PostgreSQL refuses to run as root, and its user may not be able to walk into the checkout:
    as root the cluster has a folder of its own under /var/lib, linked from here."""
    data = folder / "data"
    if os.geteuid() == 0 and not data.exists():
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", str(folder.resolve().parent))
        home = Path(tempfile.mkdtemp(prefix=f"amparo{name}-", dir="/var/lib"))
        shutil.chown(home, "postgres", "postgres")
        data.unlink(missing_ok=True)
        data.symlink_to(home, target_is_directory=True)
    return data.resolve()


def _as_postgres() -> list[str]:
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def _initdb(data: Path, password: str) -> None:
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(password)
        secret.flush()
        if os.geteuid() == 0:
            shutil.chown(secret.name, "postgres")
        done = subprocess.run(
            [*_as_postgres(), program("initdb"), "--pgdata", str(data), "--username=postgres", "--auth=scram-sha-256",
             "--pwfile", secret.name, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            capture_output=True, text=True, cwd="/",
        )  # fmt: skip
    if done.returncode:
        raise process.Failed(f"PostgreSQL's folder {data} could not be made: {done.stderr.strip()}")


def start(folder: Path, port: int, secrets: Mapping[str, str], *, throwaway: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = cluster(folder)
    if not (data / "PG_VERSION").exists():
        _initdb(data, secrets["postgres"])
    if not process.pid_of(folder, "postgres"):
        process.until(lambda: _buried(data), 5)
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100"]
        options = [part for setting in settings + FAST * throwaway for part in ("-c", setting)]
        process.spawn(folder, "postgres", [*_as_postgres(), program("postgres"), "-D", str(data), *options])
    process.wait_ready(folder, "postgres", lambda: _answers(port, secrets["postgres"]))
    _provision(port, secrets)


def _buried(data: Path) -> bool:
    """A server killed a moment ago keeps its number until its parent looks; PostgreSQL takes that for a living one."""
    lock = data / "postmaster.pid"
    return not lock.exists() or not Path("/proc", lock.read_text().partition("\n")[0]).exists()


def _answers(port: int, password: str) -> bool:
    try:
        psycopg.connect(url("postgres", password, port, "postgres"), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _provision(port: int, secrets: Mapping[str, str]) -> None:
    """Roles and database, once; roles.sql makes the database last."""
    with psycopg.connect(url("postgres", secrets["postgres"], port, "postgres")) as rows:
        if rows.execute("SELECT FROM pg_database WHERE datname = 'amparo'").fetchone() is not None:
            return
    given = {"PGPASSWORD": secrets["postgres"], "APP_PASSWORD": secrets["app"], "OWNER_PASSWORD": secrets["owner"]}
    done = subprocess.run(
        [program("psql"), "-qX", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-f", str(ROLES), "postgres"],
        env={**os.environ, **given}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise process.Failed(f"The roles of the database could not be made: {done.stderr.strip()}")


def url(user: str, password: str, port: int, database: str = "amparo") -> str:
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database}"


def stop(folder: Path, *, throwaway: bool) -> None:
    process.stop(folder, "postgres", signal.SIGQUIT if throwaway else signal.SIGINT)
