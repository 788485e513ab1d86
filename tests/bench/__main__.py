"""`make bench`: binding beside qpdf's plain concatenation, in one run; preparing by type; another program's engine; and the
way in on the whole portal. `make bench BENCH=intake` (or `bind`, `packet`, `prepare`, or a part of the intake) is that alone.

What is printed goes into `.local/bench/` as JSON too. The figures of a busy machine are worth what their spread is.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import intake, measure

ROOT = Path(__file__).resolve().parents[2]
SHELF = ROOT / ".local" / "bench"
ROUNDS = {"small": 7, "typical": 5, "huge": 3}
ONE_FILE, AS_FILED = 10_000_000_000, 24_000_000  # bytes a part may have
MEGABYTE = 1_000_000
FLOOR, AS_IT_GOES = "qpdf, pages put together", "bind, parts of 24 MB"
WAYS = {"again": "one document changed, and bound", "fit": "made to fit 24 MB, and bound"}


def programs(folder: Path, room: Path, engine: Path | None) -> dict[str, measure.Program]:
    """What is compared, each writing into `room`. The first is the floor."""
    files = sorted(folder.glob("*.pdf"))
    bind: list[str | Path] = [sys.executable, "-m", "tests.bench.binding", folder, room]
    merge: list[str | Path] = ["qpdf", "--static-id", "--stream-data=preserve", "--empty", "--pages", *files]
    found: dict[str, measure.Program] = {
        FLOOR: [*merge, "--", room / "all.pdf"],
        "bind, one file": [*bind, str(ONE_FILE)],
        AS_IT_GOES: [*bind, str(AS_FILED)],
        "the same, without its proof": [*bind, str(AS_FILED), "unproved"],
        "the same, with a start of Python": [*bind, str(AS_FILED), "started"],
        "cat": ["sh", "-c", 'out=$1; shift; cat "$@" > "$out"', "sh", room / "all", *files],
    }
    if engine:
        script = Path(__file__).with_name("docassembling.py")
        found["docassemble.base, once loaded"] = [engine, script, room / "all.pdf", *files]
    return found


def compare(name: str, engine: Path | None, way: str = "") -> dict[str, object]:
    """Measure one set and print it; or one of tests.bench.packets' ways beside the floor and the plain bind."""
    made = subprocess.run([sys.executable, "-m", "tests.bench.inputs", name, SHELF], stdout=subprocess.PIPE, check=True)
    folder = Path(made.stdout.decode().strip())
    documents = json.loads((folder / "order.json").read_text())
    size, pages = sum(path.stat().st_size for path in folder.glob("*.pdf")), sum(each["pages"] for each in documents)
    home = _room(size)
    try:
        found = programs(folder, home / "room", engine)
        if way:
            found = {each: found[each] for each in (FLOOR, AS_IT_GOES)}
            found[WAYS[way]] = [sys.executable, "-m", "tests.bench.packets", way, folder, home / "room"]
        costs = measure.interleaved(found, home / "room", ROUNDS[name])
    finally:
        shutil.rmtree(home)
    told = measure.facts(costs, next(iter(costs)))
    counted = f"{len(documents)} documents, {pages:,} pages, {size / MEGABYTE:,.0f} MB"
    print(measure.table(f"{name}: {counted}; min/median/max of {ROUNDS[name]}", told), end="\n\n", flush=True)
    return {"documents": len(documents), "pages": pages, "bytes": size, "costs": told}


def _room(size: int) -> Path:
    """A folder to write into: in memory like the worker's own, where there is memory for `size` bytes and as many again."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * size
    return Path(tempfile.mkdtemp(prefix="amparo-bench-", dir=memory if roomy else None))


def kept() -> dict[str, float]:
    """Measure a bound part on its way into the store of a portal of our own, and print it: ratios to one plain put."""
    command = [sys.executable, "-m", "tests.bench.keeping", str(AS_FILED), "7"]
    with intake.running() as bench:
        env = {**os.environ, **bench.stack.worker_settings, "DJANGO_SETTINGS_MODULE": "portal.settings"}
        ran = subprocess.run(command, stdout=subprocess.PIPE, env=env, check=True)
    told: dict[str, float] = json.loads(ran.stdout)
    print(
        "a part of 24 MB, seconds ÷ one put of the same bytes",
        *(f"  {n:34} {r:>8g}" for n, r in told.items()),
        sep="\n",
    )
    return told


def prepare() -> dict[str, list[float]]:
    """Measure preparing and print it."""
    ran = subprocess.run([sys.executable, "-m", "tests.bench.preparing", "3"], stdout=subprocess.PIPE, check=True)
    told: dict[str, list[float]] = json.loads(ran.stdout)
    print("prepare, CPU ms a document, min/median/max of 3")
    for name, spread in told.items():
        print(f"  {name:34} {'/'.join(f'{each:g}' for each in spread):>18}")
    return told


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parts = ["bind", "packet", "prepare", "intake", *intake.PARTS]
    options.add_argument("part", nargs="*", choices=[*parts, []], help=f"{', '.join(parts)}; the first four by default")
    options.add_argument(
        "--huge", action="store_true", help="also 6,030 pages, 2 GB; takes many minutes the first time"
    )
    options.add_argument("--docassemble", type=Path, help="the python of an environment with docassemble.base")
    chosen = options.parse_args()
    SHELF.mkdir(parents=True, exist_ok=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed portal is compiled once, not at every start
    told: dict[str, object] = {"machine": f"{os.cpu_count()} cores", "load": os.getloadavg()}
    wanted = set(chosen.part or ["bind", "packet", "prepare", "intake"])
    if "bind" in wanted:
        for name in ("small", "typical", *(["huge"] if chosen.huge else [])):
            told[name] = compare(name, chosen.docassemble)
    if "packet" in wanted:
        told["packet"] = {
            "again": compare("typical", None, "again"),
            "fit": compare("small", None, "fit"),
            "kept": kept(),
        }
    if "prepare" in wanted:
        told["prepare"] = prepare()
    if parts := [name for name in intake.PARTS if wanted & {"intake", name}]:
        told["intake"] = intake.measure(parts)
    (SHELF / "latest.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
