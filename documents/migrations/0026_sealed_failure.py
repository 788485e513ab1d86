"""Why a packet came back is what an attorney typed, and why it could not be bound names its papers: it is sealed."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import portal.crypto

SEALED = portal.crypto.SealedTextField(blank=True, default="", purpose="documents.packet.failure")


def copy(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    packets: Any = apps.get_model("documents", "Packet").objects.using(editor.connection.alias)
    for packet in packets.exclude(failure="").defer("order", "manifest").iterator():
        packets.filter(pk=packet.pk).update(sealed_failure=packet.failure)


class Migration(migrations.Migration):
    dependencies = [("documents", "0025_searchable")]
    operations = [
        migrations.AddField("packet", "sealed_failure", SEALED),
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.RemoveField("packet", "failure"),
        migrations.RenameField("packet", "sealed_failure", "failure"),
        migrations.AlterField(
            "packet", "failure", portal.crypto.SealedTextField(blank=True, purpose="documents.packet.failure")
        ),
    ]
