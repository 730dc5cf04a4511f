"""nginx as deploy/nginx/portal.conf has it: what it takes, passes on and writes down."""

import http.client
import json
import re
import socket
import ssl
import subprocess
import threading
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.urls import URLPattern, get_resolver

from tests.deploy.files import DEPLOY, program, ran
from tests.ports import free_port

NGINX = program("nginx")
pytestmark = [pytest.mark.real, pytest.mark.skipif(not NGINX, reason="no nginx here")]
HOST = "fax.example.com"
SECRET = "Sup3rSecretThing"
# Words in addresses that open something, as the routes call them; and what stands where they name
# somebody's extension with a user name of theirs.
OPENS = ("secret", "token", "key", "uidb36", "user_auth")


class Portal(BaseHTTPRequestHandler):
    """Tells what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        told = json.dumps({"path": self.path, **dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def portal():
    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def until_open(port, process):
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
    raise AssertionError(process.communicate()[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The example with folders, ports and a certificate of this test's own."""
    here = tmp_path_factory.mktemp("nginx")
    made = ran(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", f"/CN={HOST}", "-keyout", str(here / "key.pem")),
        *("-out", str(here / "fullchain.pem")),
    )
    assert made.returncode == 0, made.stdout
    return here


@pytest.fixture(scope="module")
def nginx(folder):
    plain, secure = free_port(), free_port()
    with portal() as behind:
        text = (DEPLOY / "nginx/portal.conf").read_text(encoding="utf-8")
        text = text.replace("/etc/ssl/portal", str(folder)).replace("/var/log/nginx", str(folder))
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
        text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
        text = text.replace("listen 80 ", f"listen 127.0.0.1:{plain} ")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{secure} ")
        (folder / "portal.conf").write_text(text)
        temporary = "".join(
            f"{kind}_temp_path {folder / kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder / 'pid'}; error_log stderr; events {{}}"
            f" http {{ {temporary} access_log off; include {folder / 'portal.conf'}; }}"
        )
        process = subprocess.Popen(
            [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            until_open(secure, process)
            yield plain, secure
        finally:
            process.terminate()
            process.communicate()


def asked(port, path, *, tls=True, **headers):
    sure = ssl.create_default_context()
    sure.check_hostname, sure.verify_mode = False, ssl.CERT_NONE
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    if tls:
        line = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=sure)
    with closing(line):
        line.request("GET", path, headers={"Host": HOST, **headers})
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers


def routes(resolver, before=""):
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield path
        else:
            yield from routes(each, path)


def addresses_that_open():
    """Each route that has something secret in it, with our secret in its place."""
    for route in routes(get_resolver()):
        names = re.findall(r"<(?!uuid:|int:)(?:\w+:)?(\w+)>", route)  # an id is no secret
        if not set(names) & set(OPENS) and "uapi" not in route and "unifiedapi" not in route:
            continue
        plain = re.sub(r"\(\?P<\w+>[^)]*\)|<(?:\w+:)?\w+>", SECRET, route)
        yield "/" + re.sub(r"\^|\$|\?|\\", "", plain)


def test_nginx_understands_every_line(nginx, folder):
    done = ran(str(NGINX), "-t", "-p", str(folder), "-c", str(folder / "nginx.conf"))
    assert "syntax is ok" in done.stdout
    assert "warn" not in done.stdout


def test_the_portal_learns_who_asked_for_what(nginx):
    _, secure = nginx
    forged = {"X-Forwarded-For": "192.0.2.9", "Host": "fax.brand.example"}
    status, body, _ = asked(secure, "/a/?q=x", **forged)
    told = json.loads(body)
    assert (status, told["path"]) == (200, "/a/?q=x")
    assert told["Host"] == "fax.brand.example"  # whose brand it is hangs on it
    assert told["X-Forwarded-For"] == "192.0.2.9, 127.0.0.1"  # FAXPORTAL_TRUSTED_PROXIES=1
    assert re.fullmatch("[0-9a-f]{32}", told["X-Request-ID"])


def test_what_comes_in_the_clear_is_led_to_tls_unless_it_is_a_program(nginx):
    plain, _ = nginx
    status, _, headers = asked(plain, "/login/", tls=False)
    assert (status, headers["Location"]) == (308, f"https://{HOST}/login/")
    assert asked(plain, "/api/v1/faxes", tls=False)[0] == 403


def test_as_much_is_taken_as_the_portal_takes(nginx, settings):
    _, secure = nginx
    most = 4 * settings.MAX_UPLOAD_BYTES
    taken = asked(secure, "/a/", **{"Content-Length": "0"})[0]
    assert taken == 200
    assert asked(secure, "/a/", **{"Content-Length": str(most + (2 << 20))})[0] == 413
    told = re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx/portal.conf").read_text())
    assert told
    assert most < int(told[1]) << 20 < most + (2 << 20)


def test_the_log_has_no_query_and_nothing_that_opens_something(nginx, folder):
    _, secure = nginx
    opening = sorted(addresses_that_open())
    assert len(opening) >= 6
    for address in [*opening, f"/a/?token={SECRET}"]:
        assert asked(secure, address)[0] == 200, address
    lines = (folder / "portal.log").read_text().splitlines()
    assert len(lines) > len(opening)
    assert not [line for line in lines if SECRET in line]
    assert any(" GET /invitations/*** 200 " in line for line in lines)
    assert (folder / "portal.error.log").read_text() == ""
