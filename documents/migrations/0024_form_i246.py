"""The form a stay of removal is asked on has a type of its own, so that it stands where the field office looks for it."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    types = apps.get_model("documents", "DocumentType").objects.using(editor.connection.alias)
    last = types.order_by("position").last()
    types.update_or_create(
        code="form_i246",
        defaults={
            "position": last.position + 1 if last else 1,
            "label_en": "Form I-246 with proof of the fee",
            "label_es": "Formulario I-246 con el comprobante del pago",
            "prompt_en": "Your lawyer fills in this form with you. Send a photo of every page, and of the receipt.",
            "prompt_es": "Su abogado llena este formulario con usted. Mande una foto de cada página y del recibo.",
            "sensitivity": ["id"],
            "check_before_filing": ["signed", "one person", "fee or fee waiver"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("documents", "0023_supplements")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
