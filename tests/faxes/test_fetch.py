"""The one door to outside URLs lets nobody in, and waits for nobody."""

import gzip
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accounts.reach import REFUSED_PORTS, may_reach
from faxes.enums import ErrorCode
from faxes.errors import FaxError
from faxes.fetch import FetchLimits, check_url, fetch
from tests.faxes.hostile_urls import HOSTILE, NAMES
from tests.outside import outside

HERE = (ip_network("127.0.0.0/8"),)
OPEN = FetchLimits(allowed=HERE, seconds=5)


@pytest.fixture
def server():
    with outside() as told:
        yield told


@pytest.fixture(scope="module")
def canary():
    """What nobody may reach: a server on all of loopback."""
    with outside() as four, outside("::1", four.port) as six:
        yield four.port, lambda: len(four.seen) + len(six.seen)


@pytest.fixture
def names(monkeypatch):
    """A name service of the test's own: each name's answers, one list after the other."""
    real = socket.getaddrinfo
    told: dict[str, Any] = {}
    asked: list[str] = []

    def answer(host, port, **wishes):
        if host not in told:
            if not host.replace(".", "").isdecimal() and ":" not in host and host != "localhost":
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return real(host, port, **wishes)
        asked.append(host)
        answers = told[host].pop(0) if len(told[host]) > 1 else told[host][0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in answers
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    told["asked"] = [asked]
    return told


def code(url, **wishes):
    """What is wrong with a URL."""
    wishes = {"limits": OPEN} | wishes
    with pytest.raises(FaxError) as refused:
        fetch(url, **wishes)
    return refused.value.code


def test_there_are_enough_ways_to_try():
    assert len(set(HOSTILE)) >= 300


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: url.encode("unicode_escape").decode()[:60])
def test_no_address_of_the_inside_is_reached_in_any_form(canary, names, url):
    port, hits = canary
    before = hits()
    names |= {name: [answers] for name, answers in NAMES.items()}
    named = any(name in url for name in NAMES)
    refused = code(url.replace("{port}", str(port)), limits=FetchLimits(seconds=2))
    if named:
        assert refused == ErrorCode.URL_UNREACHABLE, "what a name means within is not told"
    else:
        assert refused in {ErrorCode.URL_INVALID, ErrorCode.URL_NOT_ALLOWED}
    assert hits() == before


def test_the_canary_would_sing(canary, names):
    port, _ = canary
    with outside() as other:
        assert fetch(other.url(), limits=OPEN).status == 200
    everything = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    for host in ("127.0.0.1", "[::1]", "localhost"):
        answer = fetch(f"http://{host}:{port}/", limits=FetchLimits(allowed=everything))
        assert answer.body == b"fine"


@pytest.mark.parametrize("port", sorted(REFUSED_PORTS))
def test_what_does_not_speak_http_is_not_spoken_to(port):
    assert code(f"http://example.com:{port}/") == ErrorCode.URL_NOT_ALLOWED


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2001:4860::1"],
)
def test_the_public_internet_may_be_reached(address):
    assert may_reach(address)
    host = f"[{address}]" if ":" in address else address
    assert check_url(f"https://{host}/hook?a=b#c") == f"https://{host}/hook?a=b"


def test_a_url_has_one_form():
    assert check_url("HTTPS://Example.COM.:443?x=1#y") == "https://example.com/?x=1"
    assert check_url("http://example.com:8080") == "http://example.com:8080/"


@pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "127.0.0.3"])
def test_a_name_that_changes_its_mind_is_asked_only_once(names):
    with outside("127.0.0.2") as good, outside("127.0.0.3", good.port) as inside:
        names["turn.example"] = [["127.0.0.2"], ["127.0.0.3"]]
        limits = FetchLimits(allowed=(ip_network("127.0.0.2/32"),))
        answer = fetch(good.url(host="turn.example"), limits=limits)
        assert (answer.status, answer.address) == (200, "127.0.0.2")
        assert good.seen[0].headers["host"] == f"turn.example:{good.port}"
        assert names["asked"][0] == ["turn.example"]
        assert code(good.url(host="turn.example"), limits=limits) == ErrorCode.URL_UNREACHABLE
        assert not inside.seen


def test_an_allowed_network_is_reached_and_nothing_beside_it(server):
    near = FetchLimits(allowed=(ip_network("127.0.0.0/30"),))
    assert fetch(server.url(), limits=near).body == b"fine"
    assert code("http://127.0.0.4/", limits=near) == ErrorCode.URL_NOT_ALLOWED
    assert code(server.url(host="[::ffff:127.0.0.1]"), limits=near) == ErrorCode.URL_NOT_ALLOWED


def test_a_request_says_what_it_must_and_nothing_of_this_machine(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    fetch(server.url("/in?x=1"), method="POST", body=b"{}", headers={"X-A": "b"}, limits=OPEN)
    fetch(server.url(), limits=OPEN)
    [post, get] = server.seen
    assert (post.method, post.path, post.body) == ("POST", "/in?x=1", b"{}")
    assert set(post.headers) == {
        "host", "user-agent", "accept", "accept-encoding", "connection", "content-length", "x-a",
    }  # fmt: skip
    assert post.headers["accept-encoding"] == "identity"
    assert "content-length" not in get.headers


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "inside"), ("X", "a\r\nHost: b"), ("X\r\nY", "a"), ("Content-Length", "0"),
     ("Transfer-Encoding", "chunked"), ("X", "ä"), ("", "x"), ("X:", "x")],
)  # fmt: skip
def test_headers_that_would_change_who_is_spoken_to_are_refused(server, name, value):
    assert code(server.url(), headers={name: value}) == ErrorCode.URL_INVALID
    assert not server.seen


@pytest.mark.parametrize(
    ("leads_to", "refusal"),
    [
        ("http://169.254.169.254/latest/", ErrorCode.URL_NOT_ALLOWED),
        ("http://127.0.0.2:{port}/", ErrorCode.URL_NOT_ALLOWED),
        ("http://[::1]:{port}/", ErrorCode.URL_NOT_ALLOWED),
        ("//10.0.0.1/", ErrorCode.URL_NOT_ALLOWED),
        ("http://inside.example/", ErrorCode.URL_UNREACHABLE),
        ("http://a@127.0.0.1:{port}/", ErrorCode.URL_INVALID),
        ("file:///etc/passwd", ErrorCode.URL_INVALID),
        ("/again", ErrorCode.URL_REDIRECTED),
        ("", ErrorCode.URL_REDIRECTED),
    ],
)
@pytest.mark.parametrize("status", [301, 307])
def test_where_a_redirect_leads_is_checked_anew(server, names, leads_to, refusal, status):
    names["inside.example"] = [["10.0.0.1"]]
    leads_to = leads_to.replace("{port}", str(server.port))
    server.behave = lambda at: at.answer(status, Location=leads_to)
    limits = FetchLimits(allowed=(ip_network("127.0.0.1/32"),))
    assert code(server.url(), limits=limits) == refusal
    assert len(server.seen) == (4 if refusal == ErrorCode.URL_REDIRECTED else 1)


def test_a_redirect_is_followed_and_secrets_stay_behind(server):
    with outside() as other:
        server.behave = lambda at: at.answer(302, Location=other.url("/there"))
        answer = fetch(server.url(), headers={"Authorization": "Bearer x"}, limits=OPEN)
        assert (answer.body, answer.final_url) == (b"fine", other.url("/there"))
        assert "authorization" in server.seen[0].headers
        assert "authorization" not in other.seen[0].headers


def test_what_is_posted_is_never_led_on(server):
    server.behave = lambda at: at.answer(307, Location="/there")
    assert code(server.url(), method="POST", body=b"x") == ErrorCode.URL_REFUSED
    assert len(server.seen) == 1


def test_a_status_that_is_no_success_is_told(server):
    server.behave = lambda at: at.answer(404)
    with pytest.raises(FaxError) as refused:
        fetch(server.url(), limits=OPEN)
    assert refused.value.params == {"status": 404}
    noted = fetch(server.url(), limits=FetchLimits(allowed=HERE, partial=True))
    assert (noted.status, noted.body) == (404, b"fine")


def drip(part, pause=0.02):
    def dripping(at):
        while not at.server.outside.ended.wait(pause):
            at.raw(part)

    return dripping


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize("what", ["nothing", "status", "headers", "body", "continue", "chunks"])
def test_slowness_is_cut_whatever_it_drips(server, what):
    begin, part = {
        "nothing": (b"", b""),
        "status": (b"HTTP/1.1 ", b"2"),
        "headers": (b"HTTP/1.1 200 OK\r\n", b"X"),
        "body": (HEAD, b"x"),
        "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "chunks": (CHUNKED, b"1\r\nx\r\n"),
    }[what]

    def behave(at):
        at.raw(begin)
        drip(part)(at)

    server.behave = behave
    begun = time.monotonic()
    limits = FetchLimits(allowed=HERE, seconds=0.3)
    assert code(server.url(), limits=limits) == ErrorCode.URL_TOO_SLOW
    assert time.monotonic() - begun < 10


def test_a_name_service_that_does_not_answer_is_not_waited_for(monkeypatch):
    enough = threading.Event()

    def dawdle(*_, **__):
        enough.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", dawdle)
    begun = time.monotonic()
    limits = FetchLimits(seconds=0.2)
    assert code("http://slow.example/", limits=limits) == ErrorCode.URL_TOO_SLOW
    assert time.monotonic() - begun < 10
    enough.set()


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 2000,
     b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000,
     CHUNKED + b"7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n"],
    ids=["told", "until closed", "chunked"],
)  # fmt: skip
@pytest.mark.parametrize("to_file", [False, True])
def test_more_than_is_wanted_is_refused(server, answer, to_file):
    server.behave = lambda at: at.raw(answer)
    limits = FetchLimits(allowed=HERE, size=1999, to_file=to_file)
    assert code(server.url(), limits=limits) == ErrorCode.URL_TOO_LARGE


def test_a_body_may_be_as_large_as_that_and_come_as_a_file(server):
    server.behave = lambda at: at.answer(body=b"x" * 2000)
    assert fetch(server.url(), limits=FetchLimits(allowed=HERE, size=2000)).body == b"x" * 2000
    limits = FetchLimits(allowed=HERE, size=2000, to_file=True)
    with fetch(server.url(), limits=limits).file as file:  # type: ignore[union-attr]
        assert file.read() == b"x" * 2000
    cut = fetch(server.url(), limits=FetchLimits(allowed=HERE, size=10, partial=True))
    assert cut.body == b"x" * 10


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
     b"nonsense\r\n",
     CHUNKED + b"5\r\nab", b"HTTP/1.1 999999 X\r\n\r\n",
     CHUNKED + b"zz\r\n", b"SSH-2.0-x\r\n"],
)  # fmt: skip
def test_an_answer_that_breaks_off_or_is_none_is_none(server, answer):
    server.behave = lambda at: at.raw(answer)
    assert code(server.url()) == ErrorCode.URL_UNREACHABLE


def test_nothing_is_decompressed(server):
    packed = gzip.compress(b"\0" * 10_000_000)
    server.behave = lambda at: at.answer(
        body=packed, Content_Encoding="gzip", Content_Type="application/pdf"
    )
    assert fetch(server.url(), limits=OPEN).body == packed
    wanted = FetchLimits(allowed=HERE, media_types=frozenset({"application/pdf"}))
    assert code(server.url(), limits=wanted) == ErrorCode.URL_TYPE


def test_only_the_kinds_that_are_wanted_are_taken(server):
    wanted = FetchLimits(allowed=HERE, media_types=frozenset({"application/pdf"}))
    server.behave = lambda at: at.answer(Content_Type="text/html; charset=utf-8")
    assert code(server.url(), limits=wanted) == ErrorCode.URL_TYPE
    server.behave = lambda at: at.answer(Content_Type="Application/PDF; x=y")
    assert fetch(server.url(), limits=wanted).body == b"fine"


def test_nobody_there_is_told_as_that():
    with outside() as gone:
        pass
    assert code(gone.url()) == ErrorCode.URL_UNREACHABLE


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority, and a server's context for right.example."""
    folder = tmp_path_factory.mktemp("authority")
    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])

    def certificate(subject, public, *extensions):
        builder = x509.CertificateBuilder(name, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1))
        builder = builder.not_valid_after(now + timedelta(days=1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(root_key, hashes.SHA256())

    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    root = certificate(
        name, root_key.public_key(), x509.BasicConstraints(ca=True, path_length=None), usage
    )
    leaf = certificate(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "right.example")]),
        key.public_key(),
        x509.SubjectAlternativeName([x509.DNSName("right.example")]),
    )
    pem = serialization.Encoding.PEM
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    (folder / "leaf.pem").write_bytes(
        leaf.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    return folder / "root.pem", context


def test_a_certificate_must_be_for_the_name_and_of_somebody_trusted(
    names, monkeypatch, authority, server
):
    root, context = authority
    names |= {"right.example": [["127.0.0.1"]], "wrong.example": [["127.0.0.1"]]}
    with outside(tls=context) as secure:
        right, wrong = secure.url(host="right.example"), secure.url(host="wrong.example")
        assert code(right) == ErrorCode.URL_INSECURE, "nobody here knows this authority"
        monkeypatch.setenv("SSL_CERT_FILE", str(root))
        assert fetch(right, limits=OPEN).body == b"fine"
        assert code(wrong) == ErrorCode.URL_INSECURE
        assert code(secure.url()) == ErrorCode.URL_INSECURE
        assert len(secure.seen) == 1
        assert code(server.url().replace("http:", "https:")) == ErrorCode.URL_INSECURE
        secure.behave = lambda at: at.answer(302, Location=server.url("/open"))
        assert code(right) == ErrorCode.URL_NOT_ALLOWED, "nobody goes from https to http"
        secure.behave = lambda at: at.answer(302, Location=wrong)
        assert code(right) == ErrorCode.URL_INSECURE
    assert not [seen for seen in server.seen if seen.path == "/open"]
