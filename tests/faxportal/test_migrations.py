"""Migrations: what they may do beside the version before them, and from the first one to now."""

import os
import subprocess
import sys
from types import SimpleNamespace

import psycopg
import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from accounts.migrating import AddIndexBeside
from tests.migrated import ROOT
from tests.servers import create

# Migrations up to these are in no portal that is upgraded while it runs.
BEFORE_THE_FIRST_RELEASE = {"accounts": 25, "faxes": 26, "keyring": 2}
GONE = (
    migrations.DeleteModel,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
# What the version before would stumble over, and what to do instead; the first that fits is told.
TROUBLE = (
    (GONE, "take it out of the code first, and drop it a version later"),
    (migrations.AddField, "null=True or db_default, for rows of the version before"),
    (migrations.AlterField, "see to it that its type and its null are as before (LOOKED_AT)"),
    (migrations.AddConstraint, "rows of the version before may not fit (LOOKED_AT)"),
    (AddIndexBeside, "its migration must say atomic = False"),
    (migrations.AddIndex, "writers would wait for it; use AddIndexBeside"),
)


def wrongs(migration):
    """What of a migration the version before it could not live with, in words."""
    new = {each.name_lower for each in operations(migration) if is_a(each, migrations.CreateModel)}
    for each in operations(migration):
        if getattr(each, "model_name_lower", "") in new:
            continue
        if is_a(each, AddIndexBeside) and not migration.atomic:
            continue
        why = next((why for kinds, why in TROUBLE if is_a(each, kinds)), "")
        column = is_a(each, (migrations.AddField, migrations.AlterField))
        if why and not (column and may_be_left_out(each.field)):
            yield f"{each.describe()}: {why}"


# Looked at by somebody, and found to be right: (app, migration, words that describe the operation).
LOOKED_AT: frozenset[tuple[str, str, str]] = frozenset()


def operations(migration):
    for each in migration.operations:
        if is_a(each, migrations.SeparateDatabaseAndState):
            yield from each.database_operations
        else:
            yield each


def is_a(operation, kinds):
    return isinstance(operation, kinds)


def may_be_left_out(field):
    return field.null or field.db_default is not models.NOT_PROVIDED or field.many_to_many


def test_no_migration_takes_from_the_version_before_what_that_needs():
    loader = MigrationLoader(None)
    told = [
        f"{app} {name}: {wrong}"
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if int(name[:4]) > BEFORE_THE_FIRST_RELEASE.get(app, 9999)
        for wrong in wrongs(migration)
        if not any((app, name) == each[:2] and each[2] in wrong for each in LOOKED_AT)
    ]
    assert told == []


TEXT = models.CharField(max_length=9)
LIST = models.Index(fields=["name"], name="pile_list")


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (migrations.RemoveField("pile", "name"), "a version later"),
        (migrations.RenameField("pile", "name", "title"), "a version later"),
        (migrations.DeleteModel("pile"), "a version later"),
        (migrations.AddField("pile", "note", TEXT), "null=True or db_default"),
        (migrations.AlterField("pile", "name", TEXT), "as before"),
        (migrations.AddIndex("pile", LIST), "AddIndexBeside"),
        (AddIndexBeside("pile", LIST), "atomic = False"),
        (
            migrations.AddConstraint("pile", models.UniqueConstraint("name", name="u")),
            "may not fit",
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_it_could_not_live_with_is_found(operation, why):
    (wrong,) = wrongs(SimpleNamespace(operations=[operation], atomic=True))
    assert why in wrong


def test_new_tables_and_columns_that_may_be_empty_are_no_trouble():
    wanted = [
        migrations.CreateModel("Heap", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("heap", models.Index(fields=["id"], name="heap_list")),
        migrations.AddField("heap", "name", TEXT),
        migrations.AddField("pile", "note", models.CharField(max_length=9, null=True)),
        migrations.AddField("pile", "size", models.IntegerField(db_default=0)),
    ]
    assert list(wrongs(SimpleNamespace(operations=wanted, atomic=True))) == []


@pytest.mark.real
@pytest.mark.long
@pytest.mark.timeout(900)  # it migrates twice, on a machine that does other things, too
def test_rows_of_the_first_version_go_through_all_migrations_on_postgresql(servers, tmp_path):
    with psycopg.connect(servers.database("postgres"), autocommit=True) as admin:
        create(admin, "of_the_first_version")
    env = {
        "PATH": os.environ["PATH"],
        "FAXPORTAL_DATA": str(tmp_path),
        "DATABASE_URL": servers.database("of_the_first_version"),
    }
    command = [sys.executable, "-m", "tests.faxportal.first_version"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    assert before == after > 10
