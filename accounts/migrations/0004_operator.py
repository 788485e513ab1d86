from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_cache")]
    operations = [
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=~models.Q(email="operator@portal.invalid")
                | models.Q(is_active=False, joined_at__isnull=True, password__startswith="!"),  # noqa: S106  # Django's mark of no password
                name="the_operator_never_signs_in",
            ),
        )
    ]
