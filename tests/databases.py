"""Real transactions for a test. The usual flush would TRUNCATE the audit trail, which the database refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connections
from psycopg import sql


@contextmanager
def cloned(blocker) -> Iterator[None]:
    """A private copy of the test database behind the alias "default", gone afterwards; threads may use it too."""
    here = connections["default"]
    name = here.settings_dict["NAME"]
    copy = f"{name}_copy"
    with blocker.unblock():
        _leave(here)
        with _postgres(here) as admin:
            _drop(admin, copy)
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(name)))
        here.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            _leave(here)
            here.settings_dict["NAME"] = name
            with _postgres(here) as admin:
                _drop(admin, copy)


def _leave(connection) -> None:
    connection.close()
    if connection.pool is not None:
        connection.close_pool()


def _postgres(connection) -> psycopg.Connection:
    given = connection.settings_dict
    parts = {"user": given["USER"], "password": given["PASSWORD"], "host": given["HOST"], "port": given["PORT"]}
    return psycopg.connect(dbname="postgres", autocommit=True, **{key: value for key, value in parts.items() if value})


def _drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
