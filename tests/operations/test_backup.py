"""A backup of a portal at work, put back onto an empty one, which goes on; deleted is deleted."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import commands
from tests.faults.portal import Portal, copy_of, make_template, reap_orphans, wait_until
from tests.ports import free_port

pytestmark = pytest.mark.timeout(900)  # many processes, on a machine that does other things
FAR, NEAR = "+12025550100", "+13125550200"
CARRIED = ("secret_key", "site_key", "deletions")  # what an operator brings along by hand


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A data folder with the demonstration's accounts."""
    return make_template(tmp_path_factory.mktemp("template") / "data")


@pytest.fixture
def portal(template, tmp_path):
    """A portal to be backed up."""
    made = copy_of(template, tmp_path / "data")
    yield made
    made.close()
    reap_orphans(yes=False)


@pytest.fixture
def new(tmp_path):
    """An empty installation."""
    (tmp_path / "new").mkdir()
    made = Portal(tmp_path / "new")
    yield made
    made.close()
    reap_orphans(yes=False)


@pytest.fixture
def server() -> Iterator[str]:
    """A PostgreSQL of the test's own; its address without a database."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda at: int(at.parts[4]))
    if not programs:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-"))
    as_user: list[str] = []
    if not os.geteuid():
        who = pwd.getpwnam("postgres")
        as_user = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()
    init = [str(programs[-1] / "initdb"), "-D", str(data), "-Uportal", "-Atrust", "-N"]
    subprocess.run([*as_user, *init], cwd="/", stdout=subprocess.DEVNULL, check=True)
    run = [str(programs[-1] / "postgres"), "-D", str(data), f"-p{port}", "-cfsync=off"]
    run += ["-clisten_addresses=127.0.0.1", "-cunix_socket_directories="]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*as_user, *run], cwd="/", stdout=log, stderr=log)
    address = f"postgres://portal@127.0.0.1:{port}"

    def is_up():
        try:
            psycopg.connect(f"{address}/postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    wait_until(is_up, 60, "the server does not come up")
    yield address
    process.terminate()
    process.kill()
    process.wait()
    shutil.rmtree(folder)


def manage(portal, *arguments):
    """Run a command; what it said, and whether it ended well."""
    done = commands.manage(portal.env, *arguments)
    return not done.returncode, done.stdout + done.stderr


def read(portal):
    return portal.run("-m", "tests.operations.act", "read")


def carry_over(old, new, *names):
    for name in names:
        shutil.copy(old.data / name, new.data / name)


def test_a_backup_of_a_portal_at_work_comes_back_without_what_was_deleted_since(
    portal, new, tmp_path
):
    into, keys = tmp_path / "backup", tmp_path / "keys"
    portal.worker()
    gone, *old = portal.submit({"tenant": "northside", "to": FAR, "times": 3})
    portal.wait_idle(240)
    signed_in = "VALUES ('since signed out', '', '2999-01-01 00:00:00')"
    portal.rows(f"INSERT INTO django_session (session_key, session_data, expire_date) {signed_in}")
    load = portal.start_submit({"tenant": "northside", "to": FAR, "times": 12})
    wait_until(lambda: portal.count("faxes_fax") > 4, 120, "nobody submits")
    done, said = manage(portal, "backup", into, "--keys", keys)
    assert done, said
    load.wait(240)
    portal.run("-m", "tests.operations.act", "delete", gone)

    carry_over(portal, new, *CARRIED)
    done, said = manage(new, "restore", into, "--keys", keys)
    assert done, said
    assert "1 deleted again" in said
    there = read(new)
    assert gone not in there["faxes"]
    assert {there["faxes"][each] for each in old} == {"delivered"}
    assert there["broken"] == []
    assert there["sound"] > 0
    assert new.count("django_session") == 0, "who was signed out since would be in again"

    new.worker()
    sent, arrives = new.submit(
        {"tenant": "northside", "to": FAR}, {"tenant": "northside", "to": NEAR}
    )
    new.wait_idle(240)
    there = read(new)
    assert there["faxes"][sent] == there["faxes"][arrives] == "delivered"
    assert "received" in there["faxes"].values()
    assert there["broken"] == []


@pytest.mark.long
def test_it_overwrites_nothing_and_takes_nothing_that_does_not_fit(portal, new, tmp_path):
    into, keys = tmp_path / "backup", tmp_path / "keys"
    portal.submit({"tenant": "northside", "to": FAR})
    within = manage(portal, "backup", into, "--keys", into / "keys")
    assert not within[0]
    assert "apart" in within[1]
    assert manage(portal, "backup", into, "--keys", keys)[0]
    assert "is there already" in manage(portal, "backup", into, "--keys", tmp_path / "k2")[1]
    assert "not empty" in manage(portal, "restore", into, "--keys", keys, "--without-deletions")[1]

    assert "another secret key" in manage(new, "restore", into, "--keys", keys)[1]
    carry_over(portal, new, "secret_key")
    assert "site's key" in manage(new, "restore", into, "--keys", keys)[1]
    carry_over(portal, new, "site_key")
    assert "list of deletions" in manage(new, "restore", into, "--keys", keys)[1]
    database = into / "portal.sqlite3"
    whole = database.read_bytes()
    database.write_bytes(whole[:-5] + b"other")
    spoilt = manage(new, "restore", into, "--keys", keys, "--without-deletions")
    assert not spoilt[0]
    assert "not what was written" in spoilt[1]
    assert not (new.data / "portal.sqlite3").exists()
    database.write_bytes(whole)
    assert manage(new, "restore", into, "--keys", keys, "--without-deletions")[0]
    assert "sound" in manage(portal, "backup", into, "--keys", keys, "--verify")[1]
    assert b"keyring_objectkey" not in whole
    told = json.loads((into / "manifest.json").read_text())
    assert portal.env["FAXPORTAL_DATA"] not in json.dumps(told)


@pytest.mark.long
def test_postgresql_comes_back_with_its_keys_from_a_copy_of_their_own(
    template, new, server, tmp_path
):
    into, keys = tmp_path / "backup", tmp_path / "keys"
    for name in ("old", "new"):
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    plain = {"DJANGO_SETTINGS_MODULE": "faxportal.settings"}
    old = Portal(tmp_path / "data", {**plain, "DATABASE_URL": f"{server}/old"})
    old.data.mkdir()
    new.env |= {**plain, "DATABASE_URL": f"{server}/new"}
    try:
        done, said = manage(old, "migrate", "-v0")
        assert done, said
        assert manage(old, "createcachetable")[0]
        old.run("-m", "tests.faults.make")
        worker = old.worker()
        gone, kept = old.submit({"tenant": "northside", "to": FAR, "times": 2})
        wait_until(lambda: set(read(old)["faxes"].values()) == {"delivered"}, 240, old.log)
        assert manage(old, "backup", into, "--keys", keys)[0]
        worker.terminate()
        worker.wait(60)
        old.run("-m", "tests.operations.act", "delete", gone)
        carry_over(old, new, *CARRIED)
        done, said = manage(new, "restore", into, "--keys", keys)
        assert done, said
        there = read(new)
        assert there["faxes"] == {kept: "delivered"}
        assert there["broken"] == []
        assert there["sound"] > 0
        assert "not empty" in manage(new, "restore", into, "--keys", keys)[1]
    finally:
        old.close()
