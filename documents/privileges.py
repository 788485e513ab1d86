"""What the role the portal is connected as may do in the database, asked of the database itself."""

from typing import Final

from django.db import DatabaseError, connection

from documents.scanning import Probe

APPEND_ONLY = "accounts_auditevent"
GUARDS: Final = frozenset({
    "audit_rows_stay", "audit_table_stays", "custody_is_never_changed", "documents_are_never_deleted",
    "doubt_ends_by_newer_signatures", "nothing_is_clean_without_a_verdict", "quarantine_is_left_by_two_persons",
    "verdicts_are_only_added", "what_is_accepted_is_not_set_aside", "what_is_never_filed_is_not_accepted",
})  # fmt: skip
# Each is true while the promise holds. A table's owner could disable its triggers, so we must not be one, nor become one.
PROMISES: Final[dict[str, tuple[str, str]]] = {
    "database_role": (
        "SELECT NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
        " FROM pg_roles WHERE rolname = current_user",
        "It may make no roles and no databases.",
    ),
    "audit_only_grows": (
        "SELECT NOT has_table_privilege(current_user, %(audit)s, 'UPDATE')"
        " AND NOT has_table_privilege(current_user, %(audit)s, 'DELETE')"
        " AND NOT has_table_privilege(current_user, %(audit)s, 'TRUNCATE')",
        "It may change and delete no event of the record.",
    ),
    "tables_not_owned": (
        "SELECT NOT bool_or(pg_has_role(current_user, relowner, 'MEMBER')) FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
        "It owns no table: it can disable no trigger.",
    ),
    "guards_stand": (
        "SELECT count(*) = cardinality(%(guards)s::text[]) FROM pg_trigger WHERE tgname = ANY(%(guards)s::text[])"
        " AND tgenabled IN ('O', 'A')",
        "Every trigger that guards a promise is in force.",
    ),
}


def selftest() -> list[Probe]:
    """One probe a promise of the database; a single one that failed where it does not answer."""
    try:
        return [Probe(name, _holds(sql), detail) for name, (sql, detail) in PROMISES.items()]
    except DatabaseError as trouble:
        return [Probe("database", ok=False, detail=str(trouble).partition("\n")[0], answered=False)]


def _holds(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"audit": APPEND_ONLY, "guards": sorted(GUARDS)})
        return bool(cursor.fetchone()[0])
