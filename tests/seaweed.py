"""A real object store for tests: SeaweedFS, on loopback, in a folder of the test run's own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from tests.ports import free_port
from tests.real.running import until

_ASIDE: Final = 10_000  # so far above each of its ports lies one for its own talk
KEY, SECRET = "tests-only", "the-secret-of-tests"


@dataclass(frozen=True)
class Seaweed:
    """The store as it runs: where it is asked, and what its files lie in."""

    address: str
    folder: Path

    def options(self, bucket: str) -> dict[str, Any]:
        """What a storage of documents needs to know."""
        return {
            "bucket_name": bucket,
            "endpoint_url": self.address,
            "region_name": "us-east-1",
            "access_key": KEY,
            "secret_key": SECRET,
            "addressing_style": "path",
            "signature_version": "s3v4",
            "file_overwrite": True,
            "default_acl": None,
        }

    def environment(self) -> dict[str, str]:
        """Settings of a portal that is started as processes, with a new bucket."""
        return {
            "AWS_STORAGE_BUCKET_NAME": self.bucket(),
            "AWS_S3_ENDPOINT_URL": self.address,
            "AWS_S3_REGION_NAME": "us-east-1",
            "AWS_S3_ADDRESSING_STYLE": "path",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def storages(self, settings: Any, *, versioned: bool = True) -> dict[str, Any]:
        """Settings of a portal with a new bucket."""
        bucket = self.bucket(versioned=versioned)
        backend = "faxportal.object_store.ObjectStore"
        return {**settings, "default": {"BACKEND": backend, "OPTIONS": self.options(bucket)}}

    def bucket(self, *, versioned: bool = True) -> str:
        """Make a new one; its name."""
        from faxportal.object_store import ObjectStore  # noqa: PLC0415 (a second to load)

        bucket = f"t{uuid4().hex}"
        client = ObjectStore(**self.options(bucket)).client
        client.create_bucket(Bucket=bucket)
        if versioned:
            status = {"Status": "Enabled"}
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status)
        return bucket


@contextmanager
def seaweed(folder: Path) -> Iterator[Seaweed]:
    """Start one, and stop it."""
    s3, master, volume, filer = (free_port(neighbour=_ASIDE) for _ in range(4))
    admin = {
        "name": "tests",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [admin]}))
    (folder / "data").mkdir()
    command = [
        *(str(Path(sys.executable).with_name("weed")), "server", f"-dir={folder / 'data'}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.port={s3}"),
        *(f"-s3.config={folder / 's3.json'}", f"-master.port={master}", f"-volume.port={volume}"),
        *(f"-filer.port={filer}", "-master.telemetry=false", "-master.volumeSizeLimitMB=64"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0"),  # which all servers on a machine would share
        "-volume.max=400",  # each bucket takes some
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        told = Seaweed(f"http://127.0.0.1:{s3}", folder)
        until(lambda: _works(told, process), 60)
        yield told
    finally:
        process.kill()  # its files are thrown away
        process.wait()


def _works(told: Seaweed, process: subprocess.Popen[bytes]) -> bool:
    """Whether it stores something: it answers before it can."""
    from faxportal.object_store import ObjectStore  # noqa: PLC0415

    assert process.poll() is None, (told.folder / "log").read_text()[-2000:]
    client = ObjectStore(**told.options("begin")).client
    try:
        client.create_bucket(Bucket="begin")
        client.put_object(Bucket="begin", Key="first", Body=b"1")
    except Exception:  # noqa: BLE001 (of many kinds, until it runs)
        return False
    return True
