"""An index of all that a search looks at in a fax, for SQLite: others find words by their own."""

from typing import Any

from django.db import migrations, models

from accounts.migrating import AddIndexBeside


class OnlyInSQLite(AddIndexBeside):
    """An index of SQLite; other databases are asked in other words."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "sqlite":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("faxes", "0026_scale")]

    operations = [
        OnlyInSQLite(
            model_name="fax",
            index=models.Index(
                fields=[
                    "account",
                    "direction",
                    "-id",
                    "subject",
                    "remote_station_id",
                    "to_number",
                    "from_number",
                ],
                condition=models.Q(("subject__gte", "")),
                name="fax_searched",
            ),
        ),
    ]
