"""Orders, manifests and the names of parts hold names, numbers and the letter: they are sealed like the columns they are from."""

from typing import Any

from django.db import migrations

import portal.crypto

FIELDS: dict[str, dict[str, Any]] = {
    "packet": {
        "order": portal.crypto.SealedJSONField(purpose="documents.packet.order", default=dict),
        "manifest": portal.crypto.SealedJSONField(purpose="documents.packet.manifest", default=dict),
    },
    "packetpart": {"filename": portal.crypto.SealedTextField(purpose="documents.packet_part.filename", default="")},
}


def copy(apps, schema_editor):
    owner = schema_editor.connection.alias  # the one that is changing the tables
    for model, fields in FIELDS.items():
        for row in apps.get_model("documents", model).objects.using(owner).iterator():
            for name in fields:
                setattr(row, f"sealed_{name}", getattr(row, name))
            row.save(using=owner, update_fields=[f"sealed_{name}" for name in fields])


def each(operation):
    return [operation(model, name, field) for model, fields in FIELDS.items() for name, field in fields.items()]


class Migration(migrations.Migration):
    dependencies = [("documents", "0009_uploads")]
    operations = [
        *each(lambda model, name, field: migrations.AddField(model, f"sealed_{name}", field)),
        migrations.RunPython(copy),
        *each(lambda model, name, _field: migrations.RemoveField(model, name)),
        *each(lambda model, name, _field: migrations.RenameField(model, f"sealed_{name}", name)),
        migrations.AlterField(
            "packetpart", "filename", portal.crypto.SealedTextField(purpose="documents.packet_part.filename")
        ),
    ]
