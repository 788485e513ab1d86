"""Fixtures for the tests of preparing, which name this module in `pytest_plugins`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from documents import preparing
from documents.preparing import Limits, Prepared, Reason, Refused
from tests.looks import Prepare


@pytest.fixture
def prepare(tmp_path: Path) -> Iterator[Prepare]:
    """Prepares bytes; each call has its own folder."""
    count = iter(range(100))

    def act(data: bytes, name: str = "carta.pdf", **options: Any) -> Prepared:
        into = tmp_path / f"out-{next(count)}"
        into.mkdir()
        (tmp_path / "source").write_bytes(data)
        return preparing.prepare(tmp_path / "source", name, into, **options)

    yield act
    assert not list(tmp_path.glob("out-*/.cage-*"))


@pytest.fixture
def refusal(prepare: Prepare) -> Callable[..., Reason]:
    """Why bytes are refused; fails when they are not."""

    def act(data: bytes, name: str = "carta.pdf", **options: Limits) -> Reason:
        with pytest.raises(Refused) as refused:
            prepare(data, name, **options)
        return refused.value.reason

    return act
