"""The peer of bench_api: a bare FastAPI endpoint that stores an upload and commits one row.

No validation of the document, no token looked up, no money, no record of who did what.
"""

import os
import sqlite3
import threading
import uuid
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, UploadFile

FOLDER = Path(os.environ["PEER_FOLDER"])
SYNCHRONOUS = os.environ["PEER_SYNCHRONOUS"]
app = FastAPI()
_local = threading.local()


def connection() -> sqlite3.Connection:
    """The thread's own connection."""
    if not hasattr(_local, "connection"):
        found = sqlite3.connect(FOLDER / "peer.sqlite3", timeout=20, isolation_level=None)
        found.execute("PRAGMA journal_mode=WAL")
        found.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
        found.execute(
            "CREATE TABLE IF NOT EXISTS fax (id TEXT PRIMARY KEY, number TEXT, name TEXT)"
        )
        _local.connection = found
    kept: sqlite3.Connection = _local.connection
    return kept


@app.post("/api/v1/faxes", status_code=201)
def send(to: Annotated[str, Form()], documents: UploadFile) -> dict[str, str]:
    """Store the document in a file, and commit a row that names it."""
    key = str(uuid.uuid4())
    (FOLDER / key).write_bytes(documents.file.read())
    connection().execute("INSERT INTO fax VALUES (?, ?, ?)", (key, to, documents.filename))
    return {"id": key}
