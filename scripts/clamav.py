"""clamd on loopback, with our limits and dated test signatures."""

import re
import signal
import socket
import time
from pathlib import Path

from scripts import process, signatures

CONFIG = """\
Foreground yes
DatabaseDirectory {folder}/signatures
TemporaryDirectory {memory}
TCPSocket {port}
TCPAddr 127.0.0.1
"""
LIMITS = (Path(__file__).resolve().parent.parent / "deploy" / "clamd.conf").read_text().partition("# Limits")[2]
DAY = 24 * 60 * 60


def ask(port: int, command: str) -> str:
    """clamd's one answer, or nothing while it does not listen."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(f"z{command}\0".encode())
            return line.recv(1024).rstrip(b"\0").decode()
    except OSError:
        return ""


def refresh(folder: Path, port: int, *, older_than: float = DAY) -> None:
    """Date the signatures anew, and tell a running clamd."""
    written = folder / "signatures" / "daily.cud"
    if not written.exists() or time.time() - written.stat().st_mtime > older_than:
        signatures.write(written.parent)
        ask(port, "RELOAD")


def start(folder: Path, port: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if process.pid_of(folder, "clamd"):
        refresh(folder, port)
    else:
        signatures.write(folder / "signatures")
        config = folder / "clamd.conf"
        memory = process.memory_dir(folder, "tmp")  # clamd keeps what it scans, in plain, while it scans it
        config.write_text(CONFIG.format(folder=folder, memory=memory, port=port) + "#" + LIMITS)
        env = {"PATH": "/usr/sbin:/usr/bin:/bin", "TZ": "UTC"}
        process.spawn(folder, "clamd", ["clamd", "--config-file", str(config)], env)
    dated = re.compile(r"ClamAV [^/]+/\d+/\w+")
    process.wait_ready(folder, "clamd", lambda: bool(dated.match(ask(port, "VERSION"))))


def stop(folder: Path, *, throwaway: bool) -> None:
    process.stop(folder, "clamd", signal.SIGKILL if throwaway else signal.SIGTERM)
