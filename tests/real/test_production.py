"""A portal on the servers of production: PostgreSQL, Redis and an object store."""

import psycopg
import pytest

from faxportal.object_store import ObjectStore
from tests.real.running import prepared, running
from tests.real.test_readme import send_a_fax
from tests.seaweed import seaweed

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.timeout(300)]


def test_a_fax_goes_from_tenant_to_tenant_and_all_of_it_lies_on_the_servers(
    servers, tmp_path, tmp_path_factory
):
    with seaweed(tmp_path_factory.mktemp("seaweed")) as store:
        settings = {**servers.environment(), **store.environment()}
        data = prepared(tmp_path / "data")
        with running(data, **settings) as (process, url):
            send_a_fax(url, lambda: states(settings["DATABASE_URL"]), tmp_path)
            assert process.poll() is None
        bucket = ObjectStore(**store.options(settings["AWS_STORAGE_BUCKET_NAME"]))
        objects = bucket.client.list_objects_v2(Bucket=bucket.bucket_name)["KeyCount"]
    with psycopg.connect(settings["FAXPORTAL_KEYS_DATABASE_URL"]) as rows:
        found = rows.execute("SELECT count(*) FROM keyring_objectkey").fetchone()
    assert found
    assert 0 < found[0] <= objects  # some have pictures beside them
    assert not (data / "documents").exists()


def states(database):
    with psycopg.connect(database) as rows:
        return sorted(rows.execute("SELECT direction, state FROM faxes_fax").fetchall())
