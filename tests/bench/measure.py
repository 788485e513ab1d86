"""Programs run side by side, what they cost, and that as a table. Only the standard library: the memory of a parent
counts as that of its child until it becomes another program.
"""

import os
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Program = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run with all its children: processor seconds (user and system), seconds by the clock, and the most
    memory that one of its processes held, in megabytes of 2^20 bytes."""

    cpu: float
    wall: float
    rss: float


def run(program: Program, room: Path) -> Cost:
    """What `program` costs; the folder `room` is made empty before and removed after. A line `cpu SECONDS` or
    `wall SECONDS` that the program prints takes the place of what was measured."""
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    began = time.monotonic()
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.stdout.read().decode(errors="replace") if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    shutil.rmtree(room)
    if process.returncode not in (0, 3):  # 3: qpdf has done it, with a warning
        raise SystemExit(f"{program[0]} failed: {said[-2000:]}")
    own = {name: float(seconds) for name, seconds in re.findall(r"^(cpu|wall) ([\d.]+)$", said, re.MULTILINE)}
    cpu = own.get("cpu", used.ru_utime + used.ru_stime)
    return Cost(cpu, own.get("wall", wall), used.ru_maxrss / 1024)


def interleaved(programs: Mapping[str, Program], room: Path, rounds: int) -> dict[str, list[Cost]]:
    """`rounds` runs of each, in turn, after one that does not count: whatever disturbs the machine disturbs them all."""
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    for turn in range(rounds + 1):
        for name, program in programs.items():
            cost = run(program, room)
            if turn:
                costs[name].append(cost)
    return costs


def facts(costs: Mapping[str, list[Cost]], floor: str) -> dict[str, dict[str, object]]:
    """Minimum, median and maximum of each measure, and the median of the ratios to `floor` in the same round."""
    told: dict[str, dict[str, object]] = {}
    for name, runs in costs.items():
        ratios = [one.cpu / base.cpu for one, base in zip(runs, costs[floor], strict=True)]
        told[name] = {
            measure: spread([getattr(each, measure) for each in runs], digits)
            for measure, digits in (("cpu", 3), ("wall", 3), ("rss", 0))
        }
        told[name]["ratio"] = round(statistics.median(ratios), 2)
    return told


def spread(values: Sequence[float], digits: int) -> list[float]:
    """[minimum, median, maximum]."""
    return [round(each, digits) for each in (min(values), statistics.median(values), max(values))]


def table(title: str, told: Mapping[str, Mapping[str, object]]) -> str:
    """The facts as lines for a person."""
    lines = [title, f"  {'':34} {'CPU s':>18} {'wall s':>18} {'peak MB':>14} {'CPU ÷ floor':>12}"]
    for name, fact in told.items():
        cells = ["/".join(f"{each:g}" for each in fact[measure]) for measure in ("cpu", "wall", "rss")]  # type: ignore[attr-defined]  # lists
        lines.append(f"  {name:34} {cells[0]:>18} {cells[1]:>18} {cells[2]:>14} {fact['ratio']:>12}")
    return "\n".join(lines)
