"""Nobody changes the record unseen, and nothing happens without it."""

import importlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts import audit
from accounts.models import AuditEvent
from tests.databases import cloned

Kind = AuditEvent.Kind
CHAIN, OTHER = "matter:one", "matter:two"


@pytest.fixture
def events(ana):
    """Six events of one chain and two of another."""
    for number in range(6):
        audit.record(Kind.VIEWED, ana, actor=ana, chain=CHAIN, pages=number + 1)
    for _ in range(2):
        audit.record(Kind.VIEWED, None, actor=None, chain=OTHER)
    return AuditEvent.objects.filter(chain=CHAIN).order_by("seq")


def as_owner(*statements):
    """What somebody with the database in their hands can do: switch the triggers off first."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement, {"chain": CHAIN})
        cursor.execute("ALTER TABLE accounts_auditevent ENABLE TRIGGER USER")


def test_each_event_follows_the_one_before(events):
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event.prev_hash for event in events][1:] == [event.hash for event in events][:-1]


def test_an_event_says_who_and_in_which_role(ana):
    event = audit.record(Kind.VIEWED, ana, actor=ana, pages=3)
    event.refresh_from_db()
    assert (event.actor, event.actor_role, event.subject_type, event.facts) == (
        ana,
        "attorney",
        "accounts.user",
        {"pages": 3},
    )


def test_a_thing_names_its_own_chain(ana):
    ana.audit_chain = "matter:of-ana"
    assert audit.record(Kind.VIEWED, ana, actor=None).chain == "matter:of-ana"


def test_a_whole_trail_has_no_fault(events):
    assert audit.verify(audit.heads()) == []


def test_heads_are_the_last_of_every_chain(events):
    assert audit.heads()[CHAIN] == (6, events.last().hash)
    assert audit.heads()[OTHER][0] == 2


def test_a_trail_is_newest_first_and_can_be_narrowed(events, ana):
    audit.record(Kind.TAGGED, ana, actor=ana, chain=CHAIN)
    assert [event.seq for event in audit.trail(CHAIN)][:2] == [7, 6]
    assert [event.kind for event in audit.trail(CHAIN, kinds=[Kind.TAGGED])] == ["tagged"]


TAMPER = {
    "edit": ["UPDATE accounts_auditevent SET facts = '{\"pages\": 99}' WHERE chain = %(chain)s AND seq = {place}"],
    "edit the actor": [
        "UPDATE accounts_auditevent SET actor_role = 'client' WHERE chain = %(chain)s AND seq = {place}"
    ],
    "delete": ["DELETE FROM accounts_auditevent WHERE chain = %(chain)s AND seq = {place}"],
    "delete and close up": [
        "DELETE FROM accounts_auditevent WHERE chain = %(chain)s AND seq = {place}",
        "UPDATE accounts_auditevent SET seq = seq + 1000 WHERE chain = %(chain)s AND seq > {place}",
        "UPDATE accounts_auditevent SET seq = seq - 1001 WHERE chain = %(chain)s AND seq > 1000",
    ],
    "insert": [
        "UPDATE accounts_auditevent SET seq = seq + 1000 WHERE chain = %(chain)s AND seq > {place}",
        "INSERT INTO accounts_auditevent (chain, seq, at, actor_role, kind, subject_type, subject_id, outcome, facts,"
        " prev_hash, hash) SELECT chain, seq + 1, at, actor_role, kind, subject_type, subject_id, outcome, facts, hash,"
        " md5(hash) || md5(kind) FROM accounts_auditevent WHERE chain = %(chain)s AND seq = {place}",
        "UPDATE accounts_auditevent SET seq = seq - 999 WHERE chain = %(chain)s AND seq > 1000",
    ],
    "reorder": [
        "UPDATE accounts_auditevent SET seq = seq + 1000 WHERE chain = %(chain)s AND seq = {neighbour}",
        "UPDATE accounts_auditevent SET seq = {neighbour} WHERE chain = %(chain)s AND seq = {place}",
        "UPDATE accounts_auditevent SET seq = {place} WHERE chain = %(chain)s AND seq > 1000",
    ],
    "truncate": ["DELETE FROM accounts_auditevent WHERE chain = %(chain)s AND seq >= {place}"],
}


@pytest.mark.parametrize("place", [1, 3, 6], ids=["head", "middle", "tail"])
@pytest.mark.parametrize("kind", TAMPER)
def test_tampering_shows(kind, place, events):
    anchored = audit.heads()
    neighbour = place - 1 if place == 6 else place + 1
    as_owner(
        *(statement.replace("{place}", str(place)).replace("{neighbour}", str(neighbour)) for statement in TAMPER[kind])
    )
    faults = audit.verify(anchored)
    assert len(faults) == 1
    assert faults[0].startswith(f"{CHAIN}: event")


def test_a_chain_rewritten_from_a_point_shows_against_the_anchor(events, ana):
    anchored = audit.heads()
    as_owner("DELETE FROM accounts_auditevent WHERE chain = %(chain)s AND seq > 3")
    for _ in range(3):
        audit.record(Kind.VIEWED, ana, actor=ana, chain=CHAIN)
    assert audit.verify() == []
    assert audit.verify(anchored) == [f"{CHAIN}: event 6 is not the one that was anchored."]


def test_a_chain_that_is_gone_shows_against_the_anchor(events):
    anchored = audit.heads()
    as_owner("DELETE FROM accounts_auditevent WHERE chain = %(chain)s")
    assert audit.verify(anchored) == [f"{CHAIN}: events 1 to 6 were cut off the end."]


@pytest.mark.parametrize("statement", [
    "UPDATE accounts_auditevent SET outcome = 'other'",
    "DELETE FROM accounts_auditevent",
    "TRUNCATE accounts_auditevent",
])  # fmt: skip
def test_the_database_refuses_even_its_owner(statement, events):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="append-only"):
            cursor.execute(statement)


@pytest.fixture
def as_application(events):
    """The role the web and the worker have, with what provisioning and the migration give it."""
    revoke = importlib.import_module("accounts.migrations.0002_append_only").REVOKE
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        cursor.execute("SELECT FROM pg_roles WHERE rolname = 'amparo_app'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE ROLE amparo_app NOLOGIN")
        cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO amparo_app")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO amparo_app")
        cursor.execute(revoke)
        cursor.execute("SET LOCAL ROLE amparo_app")
        yield cursor
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize("statement", [
    "UPDATE accounts_auditevent SET outcome = 'other'",
    "DELETE FROM accounts_auditevent",
    "TRUNCATE accounts_auditevent",
    "ALTER TABLE accounts_auditevent DISABLE TRIGGER USER",
    "DELETE FROM accounts_user",
])  # fmt: skip
def test_the_application_role_may_not_change_the_record(statement, as_application):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        as_application.execute(statement)


def test_the_application_role_may_add_to_the_record(as_application, ana):
    assert audit.record(Kind.VIEWED, ana, actor=ana, chain=CHAIN).seq == 7


def test_nothing_is_recorded_outside_the_transaction_that_makes_it_true(django_db_setup, django_db_blocker):
    with cloned(django_db_blocker), pytest.raises(RuntimeError, match="in the transaction"):
        audit.record(Kind.SWEPT, None, actor=None)


@pytest.mark.parametrize("facts", [
    {"file_name": "x"},  # not on the list
    {"why": "maria@example.test"},
    {"why": "I-589_Juan_Perez.pdf"},
    {"why": "prose " * 50},
    {"count": 1.5},
    {"fields": [{"name": "x"}]},
])  # fmt: skip
def test_a_fact_that_tells_too_much_is_refused(facts, ana):
    with pytest.raises(ValueError, match="fact"):
        audit.record(Kind.VIEWED, ana, actor=ana, **facts)


def test_a_kind_nobody_knows_is_refused(ana):
    with pytest.raises(ValueError, match="invented"):
        audit.record("invented", ana, actor=ana)  # type: ignore[arg-type]  # the point


def test_parallel_writers_make_no_fork(django_db_setup, django_db_blocker):
    def write(_):
        try:
            for _ in range(5):
                with transaction.atomic():
                    audit.record(Kind.VIEWED, None, actor=None, chain="matter:busy")
        finally:
            connections.close_all()

    with cloned(django_db_blocker):
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(write, range(20)))
        assert audit.heads()["matter:busy"][0] == 100
        assert audit.verify(audit.heads()) == []


def test_a_rolled_back_deed_leaves_no_event(django_db_setup, django_db_blocker):
    with cloned(django_db_blocker):
        with transaction.atomic():
            audit.record(Kind.SWEPT, None, actor=None, chain="matter:undone")
            transaction.set_rollback(True)
        assert "matter:undone" not in audit.heads()
