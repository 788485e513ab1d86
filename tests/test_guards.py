"""The table of guards stays true: each guard is where it says, each test it relies on exists (make guards does the rest)."""

import ast
from functools import cache

import pytest

from scripts import guards

ALL = guards.load()


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((guards.ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("guard", ALL, ids=lambda guard: guard.name)
def test_a_guard_stands_where_the_table_says_exactly_once(guard: guards.Guard) -> None:
    assert guard.fits(guards.ROOT)


@pytest.mark.parametrize("guard", ALL, ids=lambda guard: guard.name)
def test_every_test_it_relies_on_exists(guard: guards.Guard) -> None:
    for test in guard.tests:
        file, _colons, name = test.partition("::")
        assert name.partition("[")[0] in names_in(file), test


def test_each_guard_has_a_name_of_its_own_and_a_test() -> None:
    assert len({guard.name for guard in ALL}) == len(ALL) >= 30
    assert all(guard.tests and guard.old != guard.new for guard in ALL)
    assert {guard.made_from for guard in ALL} <= {"", "database", "services"}
