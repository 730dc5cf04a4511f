"""A client that receives faxes as Fax2's document says, written from that text alone.

It keeps ``last_received_at`` and ``seen_ids`` in a file, and what it processed beside them, all in
one transaction: it may be killed at any time. Nothing of the portal is used here.

    python fax2_reader.py BASE_URL USERNAME PASSWORD FILE
"""

import base64
import http.client
import json
import sqlite3
import sys
import time
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

OVERLAP = timedelta(minutes=5)
LIMIT = 500
TABLES = """
CREATE TABLE IF NOT EXISTS state (last_received_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS processed (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rounds (number INTEGER NOT NULL);
"""


class Api:
    """What the client knows of the server: an address, a name and a password."""

    def __init__(self, base, username, password):
        self.base, self.pair = base, f"{username}:{password}"
        self.token = ""

    def sign_in(self):
        basic = base64.b64encode(self.pair.encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"{self.base}/oauth2/token"
        status, told = ask("POST", url, headers, "grant_type=client_credentials")
        assert status == 200, told
        self.token = told["access_token"]

    def get(self, url):
        if not self.token:
            self.sign_in()
        status, told = ask("GET", url, {"Authorization": f"bearer {self.token}"})
        if status == 401 and told["error"] == "unauthorized":
            self.token = ""
            return self.get(url)
        assert status == 200, told
        return told


def ask(method, url, headers, body=None):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


def received_since(api, from_time):
    """Accumulate the list by calling the endpoint until there is no next_page_url."""
    told = urlencode({"from_time": written(from_time), "limit": LIMIT})
    url = f"{api.base}/received_faxes?{told}"
    found = []
    while url:
        page = api.get(url)
        found += page["data"]
        url = page.get("next_page_url")
    return found


def read(moment):
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S%z")


def written(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def one_round(api, kept):
    """Get what is not processed yet, and process it."""
    last = read(kept.execute("SELECT last_received_at FROM state").fetchone()[0])
    seen = {row[0] for row in kept.execute("SELECT id FROM seen")}
    faxes = received_since(api, last - OVERLAP)
    newest = max((read(fax["received_at"]) for fax in faxes), default=last)
    kept.execute("BEGIN")
    for fax in faxes:
        if fax["id"] in seen:
            continue
        kept.execute("INSERT INTO processed VALUES (?)", [fax["id"]])
        if read(fax["received_at"]) >= newest - OVERLAP:
            seen.add(fax["id"])
    seen &= {fax["id"] for fax in faxes}
    kept.execute("UPDATE state SET last_received_at = ?", [written(newest)])
    kept.execute("DELETE FROM seen")
    kept.executemany("INSERT INTO seen VALUES (?)", [[each] for each in seen])
    kept.execute("INSERT INTO rounds VALUES (1)")
    kept.execute("COMMIT")


def main(base, username, password, file):
    kept = sqlite3.connect(file, isolation_level=None, timeout=20)
    kept.executescript(TABLES)
    if not kept.execute("SELECT 1 FROM state").fetchone():
        kept.execute("INSERT INTO state VALUES ('2026-01-01T00:00:00Z')")
    api = Api(base, username, password)
    while True:
        one_round(api, kept)
        time.sleep(0.4)


if __name__ == "__main__":
    main(*sys.argv[1:])
