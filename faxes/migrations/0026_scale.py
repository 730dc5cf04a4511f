"""Indexes for millions of faxes: those that nothing needs go, those that search needs come.

With PostgreSQL nobody waits for any of it: indexes are made and removed beside the work. What was
begun and broken off may be begun again. SQLite does without the indexes of search: it knows none.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

# What another index begins with already, and what only a pattern on a key would need.
NEEDLESS = (
    "faxes_fax_account_id_3baa83c1",
    "faxes_fax_carrier_id_5e2843e0",
    "faxes_fax_waits_for_id_6b331493",
    "faxes_attempt_account_id_7a00caf6",
    "faxes_attempt_carrier_id_db9d6870",
    "faxes_attempt_fax_id_4767809f",
    "faxes_event_fax_id_842479c1",
    "faxes_event_attempt_id_2053cc9c",
    "faxes_document_fax_id_64ec8e6e",
    "faxes_document_key_5332152c",
    "faxes_document_key_5332152c_like",
)
# The expressions are those that faxes/queries/fax_words.py asks by.
SEARCHED = {
    "fax_words": (
        "faxes_fax USING gin (account_id, upper(subject || ' ' || remote_station_id || ' '"
        " || to_number || ' ' || from_number) gin_trgm_ops) WHERE finished_at IS NOT NULL"
    ),
    "document_words": (
        "faxes_document USING gin (account_id, upper(name::text) gin_trgm_ops) WHERE name <> ''"
    ),
    "note_words": "faxes_faxnote USING gin (account_id, upper(text) gin_trgm_ops)",
}
# Rows that change while a call goes on stay where they are; what grows by millions is looked after
# at every hundredth of it, not at every fifth.
_OFTEN = (
    "autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.01,"
    " autovacuum_vacuum_insert_scale_factor = 0.02"
)
KEPT = {
    "faxes_fax": f"fillfactor = 90, {_OFTEN}",
    "faxes_attempt": f"fillfactor = 85, {_OFTEN}",
    "faxes_event": _OFTEN,
    "faxes_document": _OFTEN,
}


class AddIndex(migrations.AddIndex):
    """Make an index while work goes on, where the database can."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.add_index(model, self.index, concurrently=True)


class RemoveIndex(migrations.RemoveIndex):
    """Remove an index while work goes on, where the database can."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        _drop(schema_editor, self.name)


def _drop(schema_editor: Any, name: str) -> None:
    how = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {how}IF EXISTS {schema_editor.quote_name(name)}")


def remove_needless(_apps: Any, schema_editor: Any) -> None:
    for name in NEEDLESS:
        _drop(schema_editor, name)


def make_searched(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for extension in ("pg_trgm", "btree_gin"):  # whoever owns the database may
        schema_editor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for name, what in SEARCHED.items():
        _drop(schema_editor, name)
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")


def remove_searched(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in SEARCHED:
            _drop(schema_editor, name)


def keep_well(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for table, settings in KEPT.items():
            schema_editor.execute(f"ALTER TABLE {table} SET ({settings})")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0025_scale"), ("faxes", "0025_leases")]

    operations = [
        AddIndex(
            model_name="document", index=models.Index(fields=["key"], name="document_key")
        ),
        AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("attempt__isnull", False)),
                fields=["attempt"],
                name="event_of_attempt",
            ),
        ),
        # only of what came in: nobody reads what went out
        RemoveIndex(model_name="fax", name="fax_unread"),
        AddIndex(
            model_name="fax",
            index=models.Index(
                condition=models.Q(("read_at__isnull", True), ("state", "received")),
                fields=["account", "direction", "state", "-id"],
                name="fax_unread",
            ),
        ),
        AddIndex(
            model_name="fax",
            index=models.Index(
                condition=models.Q(("waits_for__isnull", False)),
                fields=["waits_for"],
                name="fax_waits_for",
            ),
        ),
        # without remaking tables, as SQLite would
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(remove_needless, migrations.RunPython.noop)
            ],
            state_operations=[
        migrations.AlterField(
            model_name="attempt",
            name="account",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="carrier",
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="faxes.carrier"),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="fax",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="faxes.fax"),
        ),
        migrations.AlterField(
            model_name="document",
            name="fax",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="faxes.fax"),
        ),
        migrations.AlterField(
            model_name="document",
            name="key",
            field=models.CharField(max_length=120),
        ),
        migrations.AlterField(
            model_name="event",
            name="attempt",
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to="faxes.attempt"),
        ),
        migrations.AlterField(
            model_name="event",
            name="fax",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="events", to="faxes.fax"),
        ),
        migrations.AlterField(
            model_name="fax",
            name="account",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"),
        ),
        migrations.AlterField(
            model_name="fax",
            name="carrier",
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="faxes.carrier"),
        ),
        migrations.AlterField(
            model_name="fax",
            name="waits_for",
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="faxes.carrier"),
        ),
            ],
        ),
        migrations.RunPython(make_searched, remove_searched),
        migrations.RunPython(keep_well, migrations.RunPython.noop),
    ]
