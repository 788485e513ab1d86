"""What comes back from the sandbox is counted again outside: its word is not taken for a page."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pikepdf
import pytest

from documents.packets.bind import bind
from documents.packets.caged import _drafts, _plain, _require_exact, bind_and_draw
from documents.packets.plain import Unsound, opened
from documents.packets.shape import Bound, CannotBind, CoverData, Exhibit, FactorRef, LedgerRow, Order, Source
from documents.preparing import PreparingFailed
from tests.prints import OPLA, document, exhibit, order, paths

SOURCE = Source("d1", "0" * 64, "1" * 64, pages=3, use=((1, 3),), title="Lease")
ORDER = Order(
    packet="",
    request="",
    profile="OPLA",
    profile_version="",
    cover=CoverData(filer=(), office=(), respondents=(), title="letter"),
    letter=None,
    appearance=None,
    exhibits=(Exhibit("Lease", (FactorRef("X", "X"),), (SOURCE,)),),
    ordered_at="",
)
ROWS = tuple(LedgerRow(n, 1, n, "exhibit", "A", "d1", n, "0" * 64) for n in (1, 2, 3))


def listed(*rows: LedgerRow) -> None:
    _require_exact(ORDER, Bound((), rows, {}, len(rows)))


def test_an_exact_ledger_passes() -> None:
    listed(*ROWS)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:2],
        (*ROWS, ROWS[1]),
        (*ROWS[:2], replace(ROWS[2], document="d2")),
        (*ROWS[:2], replace(ROWS[2], source_page=9)),
    ],
    ids=["missing", "twice", "another document", "another page"],
)
def test_any_other_ledger_is_refused_by_page(rows: tuple[LedgerRow, ...]) -> None:
    with pytest.raises(CannotBind, match="exactly once"):
        listed(*rows)


def test_a_link_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "part.pdf").symlink_to("/etc/hostname")
    with pytest.raises(PreparingFailed):
        _plain(tmp_path / "part.pdf")


def test_a_process_that_lies_about_its_ledger_binds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the sandboxed process had been taken over: it answers, and leaves a page out."""

    def lying(_task: str, _source: Path, into: Path, **_limits: object) -> None:
        rows = [asdict(row) for row in ROWS[:2]]
        (into / "bound.json").write_text(
            json.dumps({"parts": [], "ledger": rows, "manifest": {}, "notes": [], "drafts": [], "findings": {}})
        )

    monkeypatch.setattr("documents.preparing.sandbox.run", lying)
    with pytest.raises(CannotBind, match="Lease"):
        bind_and_draw(ORDER, {}, OPLA, tmp_path)


def test_a_document_prepared_by_an_earlier_release_is_bound_too(tmp_path: Path) -> None:
    source, path = document(tmp_path, "packed", 3)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    with pytest.raises(Unsound), opened(path):
        pass
    (tmp_path / "into").mkdir()
    bound, drafts = bind_and_draw(order(exhibit((source, path))), {"packed": path}, OPLA, tmp_path / "into")
    assert [row.source_page for row in bound.ledger if row.document] == [1, 2, 3]
    assert len(drafts) == bound.total_pages


def test_a_second_reader_that_finds_another_number_of_pages_stops_the_packet(tmp_path: Path) -> None:
    made = document(tmp_path, "one", 1)
    (part,) = bind(order(exhibit(made)), paths(made), OPLA, tmp_path).parts
    with pytest.raises(CannotBind, match=f"has {part.pages} pages and should have {part.pages + 1}"):
        _drafts(replace(part, pages=part.pages + 1), tmp_path)
