"""The sandboxed half: locks itself in, does one task on one hostile file, leaves its answer in `answer.json`.

Forked by the nursery for sandbox.run and for nothing else. The answer is one JSON object with one of the keys `done`
(what the task returned), `refused` (a Reason, with `detail`) or `failed` (a sentence: the machine's fault, not the file's).
"""

import errno
import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from documents.preparing.confinement import confine
from documents.preparing.words import Job, Limits, PreparingFailed, Reason, Refused

# Errors that say something about this machine and nothing about the file.
_OURS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENOENT}


def main(*, parent: int) -> None:
    """Carries out the order that sandbox.run wrote to this process's input. `parent`: the process it dies with."""
    with os.fdopen(0, "rb", closefd=False) as told:
        order = json.loads(told.read())
    os.chdir(order["own"])
    os.environ.update(HOME=order["own"], TMPDIR=order["own"])
    limits = Limits(**order["limits"])
    job = Job(Path(order["source"]), Path(order["into"]), order["suffix"], limits, order["secret"], order["wish"])
    module, function = order["task"].split(":")
    importlib.import_module(module.rpartition(".")[0])  # its folder can be searched, but not found, once locked in
    readable = [job.source, *map(Path, order["readable"])]
    confine(job.limits, parent=parent, programs=order["programs"], readable=readable, writable=[job.into])
    task = getattr(importlib.import_module(module), function)
    Path("answer.json").write_text(json.dumps(_answer(task, job)))
    os._exit(0)  # at once: what libraries do on their way out may hang or crash, and changes nothing any more


def _answer(task: Callable[[Job], object], job: Job) -> dict[str, object]:
    try:
        return {"done": task(job)}
    except Refused as refused:
        return {"refused": refused.reason, "detail": refused.detail}
    except PreparingFailed as failed:
        return {"failed": str(failed)}
    except MemoryError:
        return {"refused": Reason.TOO_COMPLEX, "detail": "It needs more memory than one file may take."}
    except ImportError as missing:
        return {"failed": f"{type(missing).__name__}: {missing.name} cannot be loaded."}
    except Exception as error:  # noqa: BLE001 - here alone: a parser that dies of a file, in whatever way, has one meaning
        if isinstance(error, OSError) and error.errno in _OURS:
            return {"failed": f"{type(error).__name__}: {errno.errorcode[error.errno]} {_place(error)}."}
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return {"refused": Reason.TOO_LARGE, "detail": "What it becomes is larger than one file may be."}
        return {"refused": Reason.DAMAGED, "detail": f"{type(error).__name__} {_place(error)}."}


def _place(error: BaseException) -> str:
    """Says where in our own code it happened; the message of an exception may quote the file, so it is not used."""
    at, trace = "outside preparing", error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if "preparing" in code.co_filename:
            at = f"in {Path(code.co_filename).stem}.{code.co_name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return at
