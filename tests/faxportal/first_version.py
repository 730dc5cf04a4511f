"""Migrates to the first version, puts a row into each table, migrates to now, reads all again.

Run as a program: it prints how many tables had a row, and how many of those have it still.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import django
from django.db import Error, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

FIRST = [("accounts", "0001_initial"), ("faxes", "0001_initial")]
OURS = {"accounts", "faxes"}
NOW = datetime.now(UTC)


def main() -> None:
    """Go the way of a portal that has been there from the beginning."""
    before = rows_in_each(migrated(FIRST))
    now = migrated(MigrationExecutor(connection).loader.graph.leaf_nodes())
    left = {
        model._meta.db_table for model in ours(now) if list(model._base_manager.all()) is not None
    }
    here = {
        model._meta.db_table for model in ours(now) if model._base_manager.filter(pk__isnull=False)
    }
    sys.stdout.write(f"{len(before & left)} {len(before & here)}\n")


def migrated(targets: list[tuple[str, str]]) -> Any:
    """Migrate, and give the models as they are there."""
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


def ours(apps: Any) -> list[Any]:
    """Our models, those of other models' rows behind these."""
    return [each for each in apps.get_models() if each._meta.app_label in OURS]


def rows_in_each(apps: Any) -> set[str]:
    """Put a row into each table that takes one made of nothing in particular; their names."""
    made: dict[Any, Any] = {}
    for _ in range(4):  # until all that rows refer to are there
        for model in ours(apps):
            if model._meta.label_lower not in made:
                try_one(model, made)
    return {each._meta.db_table for each in made.values()}


def try_one(model: Any, made: dict[Any, Any]) -> None:
    """Make one if all it refers to is there, and the database takes it."""
    told = {}
    for field in model._meta.concrete_fields:
        if field.is_relation and not field.null:
            other = made.get(field.related_model._meta.label_lower)
            if other is None:
                return
            told[field.name] = other
        elif not (field.null or field.has_default() or field.name == "id"):
            told[field.name] = something(field)
    if model._meta.pk.name == "id" and isinstance(model._meta.pk, models.UUIDField):
        told["id"] = uuid4()
    try:
        with transaction.atomic():
            made[model._meta.label_lower] = model._base_manager.create(**told)
    except Error as error:
        sys.stderr.write(f"{model._meta.db_table}: {error}\n")


def something(field: Any) -> Any:
    """A value that its column takes."""
    if field.choices:
        return field.choices[0][0]
    kinds: list[tuple[Any, Any]] = [
        (models.UUIDField, uuid4()),
        (models.DateTimeField, NOW),
        (models.DateField, NOW.date()),
        (models.JSONField, {}),
        (models.BinaryField, b"x"),
        (models.BooleanField, False),
        (models.IntegerField, 1),
        (models.FloatField, 1.0),
        (models.DecimalField, 1),
        (models.DurationField, timedelta()),
    ]
    return next((value for kind, value in kinds if isinstance(field, kind)), "x")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faxportal.settings")
    django.setup()
    main()
