"""Counts of requests within a minute."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_webhooks")]

    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.UUIDField()),
                ("minute", models.BigIntegerField()),
                ("taken", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("minute", "subject"), name="rate_counted_once"
                    )
                ],
            },
        ),
    ]
