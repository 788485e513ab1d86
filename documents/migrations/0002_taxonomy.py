"""The taxonomy: 53 factors, 12 procedural tags and 91 document types, from the project's own data file."""

import json
from pathlib import Path

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DATA = Path(__file__).resolve().parent.parent / "taxonomy.json"


def load(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    taxonomy = json.loads(DATA.read_text())
    database = editor.connection.alias
    types = apps.get_model("documents", "DocumentType").objects.using(database)
    factors = apps.get_model("documents", "Factor").objects.using(database)
    for place, kind in enumerate(taxonomy["document_types"], 1):
        types.create(
            code=kind["doc_type"],
            position=place,
            label_en=kind["label_en"],
            label_es=kind["label_es"],
            prompt_en=kind["client_prompt_en"],
            prompt_es=kind["client_prompt_es"],
            sensitivity=kind["sensitivity"],
            check_before_filing=kind["check_before_filing"],
        )
    for place, factor in enumerate([*taxonomy["factors"], *taxonomy["procedural_tags"]], 1):
        made = factors.create(
            code=factor["code"],
            position=place,
            polarity=factor.get("polarity", "procedural"),
            origin=factor.get("origin", "additional"),
            category=factor.get("category", ""),
            name_en=factor["name_en"],
            name_es=factor["name_es"],
            attorney_note=factor.get("attorney_note", ""),
            memo_sources=factor.get("memo_sources", []),
        )
        made.evidence.set([entry["doc_type"] for entry in factor["evidence"]])


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
