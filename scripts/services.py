"""scripts/services start|stop|env --dir DIR [--durable|--throwaway]: PostgreSQL, an S3 server and clamd on loopback.

DIR/state.json   ports, passwords and keys, made once and kept
DIR/env          every setting, to be sourced; DIR/web.env the lines that differ for the web process
DIR/postgres DIR/seaweedfs DIR/clamd   data, log and pid of each
A second start reuses what runs. `--durable` (the default) survives power cuts; `--throwaway` is fast, connects the
portal as the database's superuser (tests make databases), and is erased when it stops.
"""

import argparse
import base64
import fcntl
import json
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from scripts import clamav, postgres, process, store

SERVICES: dict[str, ModuleType] = {"postgres": postgres, "seaweedfs": store, "clamd": clamav}
# An S3 server that stands already, with buckets and both credentials (compose's test profile): none is started then.
ELSEWHERE = os.environ.get("S3_TEST_ENDPOINT_URL")
SECRETS = ("postgres", "app", "owner", "s3_owner", "s3_web", "s3_worker", "secret_key")
S3, POSTGRES, CLAMD, WEB = 0, store.PORTS, store.PORTS + 1, store.PORTS + 2
BLOCK = WEB + 2  # one port for pages, the next for the pieces of files


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One start or stop at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def private(path: Path, text: str) -> None:
    """Written in one step, readable by nobody else."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)


def known(folder: Path) -> dict[str, Any]:
    """What a folder remembers; nothing before its first start."""
    kept = folder / "state.json"
    return dict(json.loads(kept.read_text())) if kept.exists() else {}


def remember(folder: Path, throwaway: bool) -> dict[str, Any]:
    """Secrets made at the first start; a block of ports, kept while nobody else has taken it."""
    state = known(folder) or {
        "throwaway": throwaway,
        "port": process.choose_block(BLOCK, store.GRPC),
        "key_encryption_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        **{name: secrets.token_urlsafe(40) for name in SECRETS},
    }
    if not running(folder) and not process.free_block(state["port"], BLOCK, store.GRPC):
        state["port"] = process.choose_block(BLOCK, store.GRPC)
    private(folder / "state.json", json.dumps(state, indent=1))
    return state


def running(folder: Path) -> set[str]:
    return {name for name in SERVICES if process.pid_of(folder / name, name)}


def port(folder: Path, which: int) -> int:
    """Of a started folder: S3, POSTGRES, CLAMD or WEB."""
    return int(known(folder)["port"]) + which


def settings(folder: Path, state: dict[str, Any]) -> dict[str, str]:
    """Every setting of portal/settings.py (see .env.example)."""
    first = state["port"]
    web = first + WEB if state["throwaway"] else int(os.environ.get("PORT", 8000))
    login, password = ("postgres", state["postgres"]) if state["throwaway"] else ("amparo", state["app"])
    return {
        "SECRET_KEY": state["secret_key"],
        "DATABASE_URL": postgres.url(login, password, first + POSTGRES),
        "DATABASE_OWNER_URL": postgres.url("amparo_owner", state["owner"], first + POSTGRES),
        "S3_ENDPOINT_URL": ELSEWHERE or f"http://127.0.0.1:{first + S3}",
        "S3_REGION": "us-east-1",
        **credential("worker", state),
        **{f"S3_WEB_{key[3:]}": value for key, value in credential("web", state).items()},
        **{f"S3_BUCKET_{bucket.partition('-')[2].upper()}": bucket for bucket in store.BUCKETS},
        "CLAMD_ADDRESS": f"127.0.0.1:{first + CLAMD}",
        "SCANNER_SIGNATURES": "test",
        "KEY_ENCRYPTION_KEYS": f"local:{state['key_encryption_key']}",
        "PUBLIC_URL": f"http://localhost:{web}",
        "PORT": str(web),
        "MAIL_URL": f"file://{folder / 'mail'}",
        "MAIL_FROM": "Amparo <amparo@localhost>",
        "WORK_DIR": str(process.memory_dir(folder, "work")),
        "UPLOAD_LIMIT_MB": "100",
        "LOG_LEVEL": "INFO",
    }


def credential(name: str, state: dict[str, Any]) -> dict[str, str]:
    if ELSEWHERE:
        return {key: os.environ[f"S3_{name.upper()}_{key[3:]}"] for key in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")}
    return {"S3_ACCESS_KEY_ID": f"amparo-{name}", "S3_SECRET_ACCESS_KEY": state[f"s3_{name}"]}


def exports(values: dict[str, str]) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def start(folder: Path, *, throwaway: bool = False) -> dict[str, str]:
    """Start what does not run; the answer is every setting."""
    with locked(folder):
        state = remember(folder, throwaway)
        first, throwaway = state["port"], state["throwaway"]
        values = settings(folder, state)
        (folder / "mail").mkdir(mode=0o700, exist_ok=True)
        private(folder / "env", exports(values))
        private(folder / "web.env", exports(credential("web", state)))
        with ThreadPoolExecutor() as pool:
            starting = [
                pool.submit(postgres.start, folder / "postgres", first + POSTGRES, state, throwaway=throwaway),
                pool.submit(clamav.start, folder / "clamd", first + CLAMD),
            ]
            if not ELSEWHERE:
                starting.append(pool.submit(store.start, folder / "seaweedfs", first + S3, state))
        for service in starting:
            service.result()
    return values


def stop(folder: Path, *, keep: Collection[str] = ()) -> None:
    """Stop our own processes, but those to keep; what was throwaway is gone afterwards."""
    if not known(folder):
        return
    with locked(folder):
        throwaway = known(folder)["throwaway"]
        with ThreadPoolExecutor() as pool:
            stopping = [
                pool.submit(SERVICES[name].stop, folder / name, throwaway=throwaway) for name in SERVICES.keys() - keep
            ]
        for service in stopping:
            service.result()
        if throwaway:
            in_memory = (process.memory_dir(folder, "work"), process.memory_dir(folder / "clamd", "tmp"))
            for erased in (*in_memory, (folder / "postgres" / "data").resolve(), folder):
                shutil.rmtree(erased, ignore_errors=not erased.exists())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("start", "stop", "env"))
    parser.add_argument("--dir", type=Path, required=True)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--durable", dest="throwaway", action="store_false")
    kind.add_argument("--throwaway", action="store_true")
    parser.set_defaults(throwaway=False)
    asked = parser.parse_args()
    folder = asked.dir.resolve()
    try:
        if asked.action == "start":
            start(folder, throwaway=asked.throwaway)
        elif asked.action == "stop":
            stop(folder)
        else:
            print((folder / "env").read_text(), end="")
    except process.Failed as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
