"""Nobody of the portal's own may do more than it must: two credentials of the store, two roles of the database."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from documents import privileges, vault
from documents.scanning import Probe
from documents.vault import Area, StoreRefused
from documents.vault.store import asking, bucket_as, get
from scripts import store
from scripts.services import ELSEWHERE, known
from tests.store_double import Relay, Rule

ROOT = Path(__file__).resolve().parent.parent / "deploy" / "s3"
WRITTEN = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def powers(path: Path) -> set[tuple[str, str]]:
    """Every action on every resource that a policy allows, whatever its statements are called."""
    statements = json.loads(path.read_text())["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    assert not any("Condition" in statement for statement in statements)
    return {(act, where) for each in statements for act in each["Action"] for where in each["Resource"]}


NO_VERSIONS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 44\r\nConnection: close\r\n\r\n<ListVersionsResult></ListVersionsResult>   "
)
LOOSE = b"HTTP/1.1 200 OK\r\nx-amz-object-lock-mode: GOVERNANCE\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
Relayed = Callable[[str, Rule], None]


@pytest.fixture
def relayed(settings: Any) -> Iterator[Relayed]:
    """One area's store, behind a relay that follows this rule."""
    with ExitStack() as stack:

        def start(area: str, rule: Rule) -> None:
            relay = stack.enter_context(Relay(settings.S3_ENDPOINT_URL, rule))
            options = {**settings.STORAGES[area]["OPTIONS"], "endpoint_url": relay.url}
            settings.STORAGES = {**settings.STORAGES, area: {**settings.STORAGES[area], "OPTIONS": options}}

        yield start


# ---- the store's policies, as they are shipped


@pytest.mark.parametrize("name", ["web", "worker"])
def test_both_kinds_of_store_grant_the_same_powers(name: str) -> None:
    assert powers(ROOT / f"{name}.json") == powers(ROOT / "aws" / f"{name}.json")


def test_the_web_has_three_powers_and_no_other() -> None:
    intake, kept = "arn:aws:s3:::amparo-intake/*", "arn:aws:s3:::amparo-vault/*"
    assert powers(ROOT / "web.json") == {("s3:PutObject", intake), ("s3:GetObject", intake), ("s3:GetObject", kept)}


def test_nobody_may_delete_a_witness_or_loosen_its_lock() -> None:
    witness = {action for action, where in powers(ROOT / "worker.json") if "witness" in where}
    assert not {action for action in witness if "Delete" in action or "Bypass" in action or action.endswith("*")}


def test_no_power_is_given_by_the_dozen() -> None:
    assert not [act for name in ("web", "worker") for act, _where in powers(ROOT / f"{name}.json") if "*" in act]


def test_on_aws_nothing_is_written_over_and_nothing_goes_in_the_clear() -> None:
    denied = {each["Sid"]: each for each in json.loads((ROOT / "aws" / "bucket.json").read_text())["Statement"]}
    assert {each["Effect"] for each in denied.values()} == {"Deny"}
    assert denied["EncryptedConnectionsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denied["NothingIsWrittenOver"]["Condition"]["Null"] == {"s3:if-none-match": "true"}


def test_intake_keeps_what_is_written_over_wherever_it_is_made() -> None:
    assert "mc version enable store/amparo-intake" in (ROOT / "minio.sh").read_text()
    assert 'put-bucket-versioning --bucket "$prefix-intake"' in (ROOT / "aws" / "apply.sh").read_text()


# ---- the same, tried on the store


def web() -> tuple[str, str]:
    return settings.S3_WEB_ACCESS_KEY_ID, settings.S3_WEB_SECRET_ACCESS_KEY


def broken(probes: list[Probe]) -> list[str]:
    return [probe.name for probe in probes if not probe.ok]


def test_the_web_credential_may_what_it_must_and_nothing_else() -> None:
    assert broken(vault.selftest_web(*web())) == []


def test_the_workers_credential_in_the_webs_place_is_told() -> None:
    """As where somebody gave both processes the same one."""
    ours = vault.store.storage(Area.INTAKE)
    told = broken(vault.selftest_web(ours.access_key, ours.secret_key))
    assert told == ["web_lists_nothing", "web_deletes_nothing", "web_puts_nothing_else", "web_reads_no_witness"]


def test_a_web_credential_that_can_do_nothing_is_told() -> None:
    told = broken(vault.selftest_web(web()[0], "wrong"))
    assert {"web_puts_into_intake", "web_gets_from_intake", "web_gets_from_vault"} <= set(told)


def test_the_trying_leaves_nothing_behind() -> None:
    before = probes_there()
    vault.selftest_web(*web())
    assert probes_there() == before


def probes_there() -> set[str]:
    return {each.key for area in (Area.INTAKE, Area.VAULT) for each in vault.store.listed(area, "probes/")}


def test_a_witness_stays() -> None:
    assert broken(vault.selftest_witness()) == []


def test_a_witness_that_the_store_lets_be_deleted_is_told(relayed: Relayed) -> None:
    relayed("witness", lambda asked: WRITTEN if asked.startswith("DELETE") else None)
    assert broken(vault.selftest_witness()) == ["witness_version_stays", "witness_not_deleted"]


def test_a_store_that_does_not_lock_is_told(relayed: Relayed) -> None:
    relayed("witness", lambda asked: LOOSE if asked.startswith("HEAD") else None)
    assert broken(vault.selftest_witness()) == ["witness_locked"]


@pytest.fixture
def owner() -> Any:
    """The store's own administrator, where the tests started it."""
    if ELSEWHERE:
        pytest.skip("the store was not started by the tests")
    state = known(Path(os.environ["AMPARO_SERVICES"]))
    return store.client(state["port"], state["s3_owner"])


def test_not_even_the_stores_owner_deletes_a_locked_version(owner: Any) -> None:
    name = f"test/{uuid4()}"
    vault.witness(name, b"head", days=1)
    [version] = owner.list_object_versions(Bucket="amparo-witness", Prefix=name)["Versions"]
    with pytest.raises(owner.exceptions.ClientError, match="AccessDenied"):
        owner.delete_object(Bucket="amparo-witness", Key=name, VersionId=version["VersionId"])
    assert vault.read_witness(name) == b"head"


def test_a_store_that_forgets_what_is_written_over_is_told(relayed: Relayed) -> None:
    relayed("intake", lambda asked: NO_VERSIONS if "versions" in asked else None)
    assert broken(vault.selftest_store()) == ["overwriting"]


def test_the_web_cannot_ask_for_an_earlier_version() -> None:
    client, there = bucket_as(Area.INTAKE, *web())
    sealed = vault.seal([b"good"], Area.INTAKE, under=vault.new_key())
    version = vault.store.first_version(Area.INTAKE, sealed.key)
    with pytest.raises(StoreRefused, match="AccessDenied"), asking():
        client.delete_object(**there, Key=sealed.key, VersionId=version)
    assert get(Area.INTAKE, sealed.key)


# ---- the database


@pytest.fixture
def application(db: None) -> Iterator[CursorWrapper]:
    """As the portal is connected: a member of the application's role, which owns nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = 'amparo_app'")
        if cursor.fetchone() is None:
            pytest.skip("the roles are made where the cluster is")
        cursor.execute("SET LOCAL ROLE amparo_app")
        yield cursor
        cursor.execute("RESET ROLE")


def test_the_application_keeps_every_promise_of_the_database(application: CursorWrapper) -> None:
    assert broken(privileges.selftest()) == []


def test_a_superuser_keeps_none_of_them(db: None) -> None:
    assert broken(privileges.selftest()) == ["database_role", "audit_only_grows", "tables_not_owned"]


@pytest.mark.parametrize(("change", "promise"), [
    ("GRANT UPDATE ON accounts_auditevent TO amparo_app", "audit_only_grows"),
    ("GRANT TRUNCATE ON accounts_auditevent TO amparo_app", "audit_only_grows"),
    ("ALTER TABLE documents_hold OWNER TO amparo_app", "tables_not_owned"),
    ("ALTER TABLE documents_verdict DISABLE TRIGGER verdicts_are_only_added", "guards_stand"),
    ("DROP TRIGGER audit_rows_stay ON accounts_auditevent", "guards_stand"),
    ("ALTER ROLE amparo_app CREATEROLE", "database_role"),
])  # fmt: skip
def test_each_of_them_is_told_when_it_is_broken(application: CursorWrapper, change: str, promise: str) -> None:
    application.execute("RESET ROLE")
    application.execute(change)
    application.execute("SET LOCAL ROLE amparo_app")
    assert broken(privileges.selftest()) == [promise]


@pytest.mark.parametrize("statement", [
    "UPDATE accounts_auditevent SET outcome = 'other'",
    "DELETE FROM accounts_auditevent",
    "TRUNCATE accounts_auditevent",
    "ALTER TABLE accounts_auditevent DISABLE TRIGGER audit_rows_stay",
    "ALTER TABLE documents_verdict DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_rows_stay ON accounts_auditevent",
    "CREATE ROLE another",
    "ALTER ROLE amparo_app SUPERUSER",
])  # fmt: skip
def test_the_application_may_not(application: CursorWrapper, statement: str) -> None:
    said = r"permission denied|must be (owner|superuser)"
    with pytest.raises(DatabaseError, match=said), transaction.atomic():
        application.execute(statement)


def test_the_applications_login_cannot_become_the_owner_of_the_tables(application: CursorWrapper) -> None:
    application.execute("SELECT pg_has_role('amparo', 'amparo_owner', 'MEMBER')")
    assert application.fetchone() == (False,)
