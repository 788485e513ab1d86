from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_purge")]

    operations = [
        migrations.AddField("request", "tab_order", models.JSONField(blank=True, default=list, editable=False)),
        migrations.AddField("document", "print_size", models.PositiveBigIntegerField(default=0)),
    ]
