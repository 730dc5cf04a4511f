"""How each kind of process speaks to PostgreSQL: from a pool, or by a connection a thread."""

import json
import os
import subprocess
import sys

import pytest

from tests.migrated import ROOT

TELL = "import json; from django.conf import settings as s; print(json.dumps(s.DATABASES))"
WEB = f"import faxportal.wsgi; {TELL}"


def tell(program, data, **settings):
    """What a process has as its settings of databases."""
    env = {
        "PATH": os.environ["PATH"],
        "FAXPORTAL_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "faxportal.settings",
        "DATABASE_URL": "postgres://portal@db.invalid/portal?sslmode=require&connect_timeout=3",
        "FAXPORTAL_KEYS_DATABASE_URL": "postgres://portal@db.invalid/keys",
        **settings,
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_web_process_takes_its_connections_from_a_pool(tmp_path):
    told = tell(WEB, tmp_path)
    for each in told.values():
        assert each["OPTIONS"]["pool"]["max_size"] == 8
        # what is in a pool must be given back after each request, and may be stale
        assert (each["CONN_MAX_AGE"], each["CONN_HEALTH_CHECKS"]) == (0, True)
    assert told["default"]["OPTIONS"]["sslmode"] == "require"
    assert told["default"]["OPTIONS"]["connect_timeout"] == 3


@pytest.mark.parametrize(
    ("program", "given"),
    [
        # task workers are forks of their guard, and a pool does not survive that
        pytest.param(f"import faxes.management.commands.cluster; {TELL}", {}, id="workers"),
        pytest.param(f"import faxes.mail; {TELL}", {}, id="mails"),
        pytest.param(WEB, {"FAXPORTAL_DATABASE_POOL": "0"}, id="a web process without one"),
        pytest.param(WEB, {"DATABASE_URL": "", "FAXPORTAL_KEYS_DATABASE_URL": ""}, id="SQLite"),
    ],
)
def test_all_others_keep_a_connection_to_each_thread(tmp_path, program, given):
    for each in tell(program, tmp_path, **given).values():
        assert "pool" not in each["OPTIONS"]
        assert each["CONN_MAX_AGE"] == 300
        assert each["CONN_HEALTH_CHECKS"]


ASK_ALL_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
import faxportal.wsgi
from django.core.signals import request_finished
from django.db import connection, connections

def ask(_):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01), pg_backend_pid()")
        found = cursor.fetchone()[1]
    request_finished.send(sender=None)
    return found

with ThreadPoolExecutor(12) as threads:
    one = list(threads.map(ask, range(60)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                       " WHERE pid <> pg_backend_pid() AND datname = current_database()")
    connections.close_all()
    other = list(threads.map(ask, range(60)))
print(len(set(one)), len(set(one) & set(other)))
connection.close_pool()
"""


def test_many_threads_share_few_connections_and_outlive_an_end_of_all(servers, tmp_path):
    env = {
        "PATH": os.environ["PATH"],
        "FAXPORTAL_DATA": str(tmp_path),
        "FAXPORTAL_DATABASE_POOL": "3",
        "DATABASE_URL": servers.database("postgres"),
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK_ALL_AT_ONCE],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    used, left = map(int, done.stdout.split())
    assert used <= 3
    assert left <= 1  # the one that ended all others
