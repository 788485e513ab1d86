"""Any order at all: every page of it is bound exactly once, or it is refused with a reason."""

import dataclasses
import itertools
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from documents.packets.profiles import Profile
from documents.packets.shape import Bound, CannotBind, Exhibit, Order, Source
from tests.bindery import Bench, limited, texts
from tests.prints import FAMILY, SCHOOL, TIES, document, order, paths, words


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Source, Path]]:
    folder = tmp_path_factory.mktemp("shelf")
    return [document(folder, f"s{at}", at % 4 + 1, noise=9000 * (at % 3), split=at % 2 == 0) for at in range(6)]


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
def test_any_order_is_bound_exactly_or_refused(
    shelf: list[tuple[Source, Path]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    ordered = data.draw(orders(shelf))
    limit = data.draw(st.sampled_from([110_000, 125_000, 160_000, 10_000_000]))
    outcome = _outcome(Bench(tmp_path_factory.mktemp("any"), ordered, paths(*shelf)), limited(limit))
    if isinstance(outcome, CannotBind):
        event("refused")
        assert re.search(r"Page \d+ of “|a part may have", str(outcome))
    else:
        event("bound")
        _is_exact(ordered, outcome, limit)


def _outcome(bench: Bench, profile: Profile) -> Bound | CannotBind:
    try:
        return bench.bind(profile=profile)
    except CannotBind as refusal:
        return refusal


def _is_exact(ordered: Order, bound: Bound, limit: int) -> None:
    wanted = Counter(words(source.document, page) for source in ordered.sources() for page in source.numbers())
    text = [text for part in bound.parts for text in texts(part.path)]
    assert Counter(found for each in text for found in re.findall(r"s\d leaf \d{3}", each)) == wanted
    assert all(part.bytes <= limit for part in bound.parts)


@st.composite
def orders(draw: st.DrawFn, shelf: list[tuple[Source, Path]]) -> Order:
    """Orders of what is on the shelf, in any sequence and any pieces; one in a few has something twice."""
    taken = draw(st.lists(st.sampled_from(shelf), min_size=1, max_size=6, unique=draw(st.integers(0, 4)) > 0))
    pieces = [draw(_pieces(source)) for source, _ in taken]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(pieces) - 1)), max_size=3)))
    groups = [pieces[start:end] for start, end in itertools.pairwise([0, *cuts, len(pieces)]) if start < end]
    factors = draw(st.permutations([FAMILY, SCHOOL, TIES]))
    return order(*(Exhibit(f"Exhibit {at}", tuple(factors[at % 3 :]), tuple(each)) for at, each in enumerate(groups)))


@st.composite
def _pieces(draw: st.DrawFn, source: Source) -> Source:
    first = draw(st.integers(1, source.pages))
    return dataclasses.replace(source, use=((first, draw(st.integers(first, source.pages))),))
