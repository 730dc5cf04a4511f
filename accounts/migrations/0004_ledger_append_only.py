# The database itself keeps the ledger: entries are added, never changed, and removed only with an
# account that is closed. On SQLite a later migration that alters this table loses the triggers and
# has to make them again (a test looks for them).

from django.db import migrations

SQLITE = (
    """
    CREATE TRIGGER ledger_unchanged BEFORE UPDATE ON accounts_ledgerentry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_kept BEFORE DELETE ON accounts_ledgerentry
    WHEN EXISTS (
        SELECT 1 FROM accounts_account WHERE id = OLD.account_id AND status <> 'closed'
    )
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    # INSERT OR REPLACE removes a row without asking the trigger above
    """
    CREATE TRIGGER ledger_not_replaced BEFORE INSERT ON accounts_ledgerentry
    WHEN EXISTS (SELECT 1 FROM accounts_ledgerentry WHERE id = NEW.id)
        OR EXISTS (
            SELECT 1 FROM accounts_ledgerentry
            WHERE account_id = NEW.account_id AND number = NEW.number
        )
        OR EXISTS (
            SELECT 1 FROM accounts_ledgerentry
            WHERE account_id = NEW.account_id AND "key" = NEW."key"
        )
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION ledger_append_only() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND NOT EXISTS (
            SELECT 1 FROM accounts_account WHERE id = OLD.account_id AND status <> 'closed'
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END
    $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON accounts_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION ledger_append_only()
    """,
)
UNDO = {
    'sqlite': (
        'DROP TRIGGER ledger_unchanged',
        'DROP TRIGGER ledger_kept',
        'DROP TRIGGER ledger_not_replaced',
    ),
    'postgresql': (
        'DROP TRIGGER ledger_append_only ON accounts_ledgerentry',
        'DROP FUNCTION ledger_append_only()',
    ),
}


def guard(apps, schema_editor):
    for statement in {'sqlite': SQLITE, 'postgresql': POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_money_and_limits'),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]
