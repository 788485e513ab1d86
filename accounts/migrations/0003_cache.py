"""The table of the DatabaseCache (sign-in rate limits live there), so that setting up is just `migrate`.

The same columns as `createcachetable`; unlogged, because a limit need not survive a crash of the database.
"""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE django_cache (
    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamp with time zone NOT NULL
);
CREATE INDEX django_cache_expires ON django_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_append_only")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE django_cache")]
