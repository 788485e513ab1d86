"""Files from real life; the table beside them says what must become of each. They are not in the repository."""

import csv
import re
from pathlib import Path

import pytest

from documents import preparing
from documents.preparing import Refused

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
HARMLESS = {"blank_pages", "low_resolution"}


def table() -> list[tuple[str, str]]:
    """File and expected outcome; what is no evidence expects nothing."""
    if not (SAMPLES / "MANIFEST.tsv").exists():
        return []
    with (SAMPLES / "MANIFEST.tsv").open(encoding="utf-8") as file:
        rows = [(row["file"], row["expected"]) for row in csv.DictReader(file, delimiter="\t")]
    return [row for row in rows if not row[0].startswith("NAMES")]


@pytest.mark.parametrize(("file", "expected"), table())
def test_a_real_file_comes_out_as_its_table_says(file: str, expected: str, tmp_path: Path) -> None:
    outcome, told = outcome_of(SAMPLES / file, tmp_path)
    if outcome == "refused":
        assert told & set(re.findall(r"\w+", expected.split(",")[0].removeprefix("refused")))
    elif expected == "ready_with_warning":
        assert told
    elif expected.startswith("refused"):
        assert "really renders" in expected
    else:
        assert told <= (HARMLESS if "blank_pages" in expected else set())


def outcome_of(path: Path, into: Path) -> tuple[str, set[str]]:
    """As `receive` would say it: ready with its warnings, or refused with its reason."""
    try:
        preparing.sniff(path, path.name)
        preparing.attachments(path, into)
        made = preparing.prepare(path, path.name, into)
    except Refused as refused:
        return "refused", {refused.reason.value}
    assert all(page.preview.stat().st_size for page in made.pages)
    return "ready", {warning.value for warning in made.warnings}
