"""What `make run` does with the programs it starts: one that ends is started again, and no child outlives it."""

import socket
import sys
from collections.abc import Iterator

import pytest

from scripts import process, run

FOREVER = "import time; time.sleep(600)"


def program(code: str) -> run.Program:
    made = run.Program("worker", [sys.executable, "-c", code], {})
    made.start()
    return made


@pytest.fixture
def lasting() -> Iterator[run.Program]:
    made = program(FOREVER)
    yield made
    made.stop()


def test_a_program_that_is_killed_is_started_again(lasting, capfd):
    first = lasting.child
    first.kill()
    first.wait()
    lasting.look()
    assert lasting.child.pid != first.pid
    assert "worker | ended (-9) and is started again" in capfd.readouterr().out


def test_a_program_that_ends_at_once_three_times_stops_everything():
    hasty = program("")
    for _ in range(2):
        hasty.child.wait()
        hasty.look()
    hasty.child.wait()
    with pytest.raises(process.Failed, match="worker ends at once"):
        hasty.look()


def test_what_a_program_started_ends_with_it(tmp_path):
    noted = tmp_path / "pid"
    child = f"subprocess.Popen([sys.executable, '-c', {FOREVER!r}]).pid"
    note = f"pathlib.Path({str(noted)!r}).write_text(str({child}))"
    parent = program(f"import pathlib, subprocess, sys; {note}; {FOREVER}")
    assert process.until(lambda: noted.exists() and bool(noted.read_text()), 10)
    assert process.began(int(noted.read_text()))
    parent.stop()
    assert process.until(lambda: process.began(int(noted.read_text())) is None, 5)


def test_a_mail_is_shown_under_its_own_name(capfd):
    mail = "print('2026-11-24 INFO up'); print('mail to maria@amparo.example: Your code'); print(); print('123456')"
    program(mail + "; print('2026-11-24 INFO on')").child.wait()
    shown = ""
    while "INFO on" not in shown:
        shown += capfd.readouterr().out
    assert [line.split(" |")[0].strip() for line in shown.splitlines()] == ["worker", "mail", "mail", "mail", "worker"]


def test_a_port_that_is_taken_is_one_clear_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(process.Failed, match=f"Port {port} is taken by another program. Choose another"):
            run.refuse_taken(port)
