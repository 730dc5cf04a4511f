"""Documents in an S3 bucket: one client a process, read as they are needed, and gone in full.

A bucket may keep older versions of what is in it, marks in place of what was deleted, and parts of
uploads that were never finished. All of them are an object's, and go with it.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, BinaryIO, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from storages.backends.s3 import S3Storage

from faxes.errors import CannotOpen

_CONNECT_SECONDS, _READ_SECONDS, _TRIES = 3, 20, 3
_AT_ONCE: Final = 8 * 1024 * 1024  # bytes that are sent as they are; more go in parts
_AS_WELL_READ: Final = 256 * 1024  # what is left of an answer, rather than a new connection
_UNKNOWN: Final = {"NotImplemented", "MethodNotAllowed"}  # of stores that keep no versions
_making = Lock()


class StoreFailed(CannotOpen, OSError):
    """The object store is away, refuses, or has not done what it said."""


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Errors of the store as those of files."""
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:  # noqa: PLR2004 (HTTP's)
            raise FileNotFoundError(name) from None
        raise StoreFailed(f"{name}: {error}") from error
    except (BotoCoreError, HTTPClientError) as error:
        raise StoreFailed(f"{name}: {error}") from error


class ObjectStore(S3Storage):  # type: ignore[misc]
    """A bucket as a storage of documents."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._clients: dict[int, Any] = {}

    @property
    def client(self) -> Any:
        """The one client of this process, which all its threads may use."""
        with _making:
            if (client := self._clients.get(os.getpid())) is None:
                config = Config(
                    signature_version=self.signature_version,
                    s3={"addressing_style": self.addressing_style},
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_READ_SECONDS,
                    retries={"mode": "standard", "total_max_attempts": _TRIES},
                    max_pool_connections=32,
                )
                client = self._create_session().client(
                    "s3",
                    region_name=self.region_name,
                    endpoint_url=self.endpoint_url,
                    use_ssl=self.use_ssl,
                    verify=self.verify,
                    config=config,
                )
                self._clients = {os.getpid(): client}
        return client

    def _open(self, name: str, mode: str = "rb") -> BinaryIO:
        del mode  # what is stored is never written to
        return io.BufferedReader(_Ranged(self.client, self.bucket_name, self._place(name)))

    def _save(self, name: str, content: Any) -> str:
        place = {"Bucket": self.bucket_name, "Key": self._place(name)}
        content.seek(0)
        begin = content.read(_AT_ONCE)
        with _told(name):
            if len(begin) < _AT_ONCE:
                self.client.put_object(**place, Body=begin)
            else:
                self._save_in_parts(place, begin, content)
        return name

    def _save_in_parts(self, place: dict[str, str], part: bytes, content: Any) -> None:
        """Send it part by part, never two in memory; none of them stays if one fails."""
        upload = {**place, "UploadId": self.client.create_multipart_upload(**place)["UploadId"]}
        sent: list[dict[str, Any]] = []
        try:
            while part:
                number = len(sent) + 1
                done = self.client.upload_part(**upload, PartNumber=number, Body=part)
                sent.append({"PartNumber": number, "ETag": done["ETag"]})
                part = content.read(_AT_ONCE)
            self.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": sent})
        except BaseException:
            with suppress(BotoCoreError, ClientError):  # else it goes with the object
                self.client.abort_multipart_upload(**upload)
            raise

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        try:
            with _told(name):
                self.client.head_object(Bucket=self.bucket_name, Key=self._place(name))
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        """Remove an object in all its versions and unfinished uploads, and look whether it is gone.

        Raises:
            StoreFailed: something of it is still there, or may be.

        """
        place = self._place(name)
        with _told(name):
            for ids in self._left_of(place):
                self._remove(ids)
            left = len(list(self._left_of(place)))
        if left:
            raise StoreFailed(f"{name}: {left} of its versions and uploads are still there")

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """What lies directly in a folder, be it an older version or an unfinished upload only."""
        prefix = f"{self._place(path)}/"
        with _told(path):
            keys = {ids["Key"].removeprefix(prefix) for ids in self._under(prefix)}
        folders = {key.partition("/")[0] for key in keys if "/" in key}
        return sorted(folders), sorted(key for key in keys if "/" not in key)

    def names_behind(self, prefix: str, *, after: str) -> Iterator[str]:
        """The names that begin so and sort behind this one, in their order."""
        where = {"Bucket": self.bucket_name, "Prefix": f"{self._place(prefix)}/"}
        start = where["Prefix"] + after
        with _told(prefix):
            pages = self.client.get_paginator("list_objects_v2").paginate(**where, StartAfter=start)
            for page in pages:
                for each in page.get("Contents", ()):
                    yield prefix + each["Key"].removeprefix(where["Prefix"])

    def names_of_all(self, folder: str) -> Iterator[str]:
        """All that lies beneath a folder, also as an older version or an unfinished upload."""
        prefix = f"{self._place(folder)}/"
        with _told(folder):
            for ids in self._under(prefix):
                yield f"{folder}/{ids['Key'].removeprefix(prefix)}"

    def _place(self, name: str) -> str:
        return str(self._normalize_name(name))

    def _remove(self, ids: dict[str, str]) -> None:
        if "UploadId" not in ids:
            self.client.delete_object(Bucket=self.bucket_name, **ids)
            return
        try:
            self.client.abort_multipart_upload(Bucket=self.bucket_name, **ids)
        except self.client.exceptions.NoSuchUpload:
            return

    def _left_of(self, place: str) -> Iterator[dict[str, str]]:
        """What ids remove all that is left of one object."""
        return (ids for ids in self._under(place) if ids["Key"] == place)

    def _under(self, prefix: str) -> Iterator[dict[str, str]]:
        where = {"Bucket": self.bucket_name, "Prefix": prefix}
        try:
            for page in self.client.get_paginator("list_object_versions").paginate(**where):
                for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    yield {"Key": each["Key"], "VersionId": each["VersionId"]}
        except ClientError as error:
            if error.response["Error"]["Code"] not in _UNKNOWN:
                raise
            for page in self.client.get_paginator("list_objects_v2").paginate(**where):
                yield from ({"Key": each["Key"]} for each in page.get("Contents", ()))
        for page in self.client.get_paginator("list_multipart_uploads").paginate(**where):
            for each in page.get("Uploads", ()):
                yield {"Key": each["Key"], "UploadId": each["UploadId"]}


class _Ranged(io.RawIOBase):
    """An object to read from anywhere: one answer is read on for as long as that goes on."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client = client
        self._which = {"Bucket": bucket, "Key": key}
        self._at = self._body_at = 0
        with _told(key):
            answer = client.get_object(**self._which)
        self._size = int(answer["ContentLength"])
        self._which["IfMatch"] = answer["ETag"]  # that one, whatever is put in its place
        self._body: Any = answer["Body"]

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def tell(self) -> int:
        """The place that is read next."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read on; an answer that breaks off is asked for again from there, a few times."""
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        for turn in range(1, _TRIES + 1):
            try:
                with _told(self._which["Key"]):
                    part: bytes = self._body_here().read(wanted)
                if part:
                    break
            except StoreFailed:
                if turn == _TRIES:
                    raise
            self._drop()
        else:
            raise StoreFailed(f"{self._which['Key']} ends before its end")
        buffer[: len(part)] = part
        self._at += len(part)
        self._body_at = self._at
        return len(part)

    def _body_here(self) -> Any:
        if self._body is not None and self._body_at != self._at:
            self._drop()
        if self._body is None:
            answer = self._client.get_object(**self._which, Range=f"bytes={self._at}-")
            self._body, self._body_at = answer["Body"], self._at
        return self._body

    def _drop(self) -> None:
        """Be done with an answer: its connection serves the next one if little of it is left."""
        body, self._body = self._body, None
        if body is None:
            return
        with suppress(BotoCoreError, HTTPClientError, OSError):
            if self._size - self._body_at <= _AS_WELL_READ:
                body.read()
            body.close()

    def close(self) -> None:
        """Be done with it."""
        if not self.closed:
            self._drop()
        super().close()
