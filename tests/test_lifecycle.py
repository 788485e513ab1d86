"""Arrows are followed one at a time, by one person at a time, and on the record."""

from itertools import product

import psycopg
import pytest
from django.db import connection

from accounts.audit import trail
from accounts.models import User
from documents import lifecycle, tagging
from documents.lifecycle import MOVES, IllegalMove, LostRace
from documents.models import Document
from tests.stack import wait_until

State = Document.State


def test_every_state_has_its_row_in_the_table() -> None:
    for model, moves in MOVES.items():
        assert set(moves) == set(model.State)  # type: ignore[attr-defined]  # each of the three has states


@pytest.mark.parametrize(("was", "to"), list(product(State, State)), ids=lambda state: str(state))
def test_only_the_arrows_of_the_table_can_be_followed(received: Document, was: str, to: str) -> None:
    received.state, received.was = was, to
    if to not in MOVES[Document][was]:
        with pytest.raises(IllegalMove):
            lifecycle.move(received, to, actor=None)


def test_no_path_leads_from_infected_to_clean_without_a_new_scan() -> None:
    reached, paths = {State.QUARANTINED}, [State.QUARANTINED]
    while paths:
        here = paths.pop()
        arrows = {State.RECEIVED} if here == State.WITHDRAWN else MOVES[Document][here]  # withdrawn: back where it was
        new = arrows - {State.CHECKING} - reached
        reached |= new
        paths += new
    assert not reached & {State.CLEAN, State.PREPARING, State.READY}


def test_a_lost_race_changes_nothing(received: Document) -> None:
    Document.objects.filter(pk=received.pk).update(state="checking")
    with pytest.raises(LostRace):
        lifecycle.move(received, State.CHECKING, actor=None)


def test_a_move_is_on_the_record(received: Document, pat: User) -> None:
    lifecycle.move(received, State.WITHDRAWN, actor=pat)
    event = trail(received.audit_chain).first()
    assert event is not None
    assert (event.kind, event.actor, event.facts["was"], event.facts["to"]) == ("moved", pat, "received", "withdrawn")


def test_withdrawn_goes_back_to_where_it_was(ready: Document, pat: User) -> None:
    tagging.withdraw(ready, actor=pat)
    with pytest.raises(IllegalMove):
        lifecycle.move(ready, State.CLEAN, actor=pat)
    tagging.restore(ready, actor=pat)
    assert ready.state == "ready"


def test_a_claimed_row_is_nobody_elses(received: Document) -> None:
    lock = lifecycle._lock(received)
    with lifecycle.claimed(received) as mine, other_connection() as other:
        free = other.execute("SELECT pg_try_advisory_lock(%s)", [lock]).fetchone()
    assert (mine, free) == (True, (False,))


def test_a_claim_dies_with_its_connection(received: Document) -> None:
    other = other_connection()
    other.execute("SELECT pg_advisory_lock(%s)", [lifecycle._lock(received)])
    other.close()
    wait_until(lambda: claimed_now(received), 10)  # the server sees the end of a connection a moment later


def claimed_now(document: Document) -> bool:
    with lifecycle.claimed(document) as mine:
        return mine


def other_connection() -> psycopg.Connection:
    database = connection.settings_dict
    return psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
        host=database["HOST"],
        port=database["PORT"],
        autocommit=True,
    )
