"""The ledger does without an index that others begin with."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def remove_needless(_apps: Any, schema_editor: Any) -> None:
    how = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    name = "accounts_ledgerentry_account_id_7615ec66"
    schema_editor.execute(f"DROP INDEX {how}IF EXISTS {name}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0024_export")]

    operations = [
        # without remaking the table, as SQLite would, and losing what keeps entries from changing
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(remove_needless, migrations.RunPython.noop)
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="ledgerentry",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
    ]
