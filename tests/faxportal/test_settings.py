"""Wrong settings are told in one sentence; right ones keep the portal to itself."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from faxportal import env
from faxportal.folder import make_private
from tests import commands

WRONG = [
    ("FAXPORTAL_PORT", "abc"),
    ("FAXPORTAL_PORT", "0"),
    ("FAXPORTAL_PORT", "99999"),
    ("FAXPORTAL_PORT", "8311.9"),
    ("FAXPORTAL_PORT", "inf"),
    ("FAXPORTAL_SMTP_PORT", "abc"),
    ("FAXPORTAL_SWEEP_SECONDS", "nan"),
    ("FAXPORTAL_SWEEP_SECONDS", "inf"),
    ("FAXPORTAL_SWEEP_SECONDS", "0"),
    ("FAXPORTAL_WORKERS", "0"),
    ("FAXPORTAL_LINES", "-1"),
    ("FAXPORTAL_RETRY_SCALE", "-1"),
    ("FAXPORTAL_RETRY_SCALE", "nan"),
    ("FAXPORTAL_LOG_LEVEL", "loud"),
    ("FAXPORTAL_DEMO", "maybe"),
    ("FAXPORTAL_BASE_URL", "fax.example"),
    ("FAXPORTAL_FETCH_ALLOW", "10.0.0.1/8"),
    ("FAXPORTAL_FETCH_ALLOW", "intranet"),
    ("DATABASE_URL", "nonsense"),
    ("EMAIL_URL", "pigeon://loft"),
    ("AWS_S3_ADDRESSING_STYLE", "sideways"),
]


def manage(data, *arguments, **variables):
    return commands.manage(commands.bare(data, **variables), *arguments)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_that_cannot_be_meant_is_refused_in_a_sentence_that_names_it(
    monkeypatch, name, value
):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} must be .+, not .+\.$"):
        env.check()


def test_a_secret_is_not_told_when_it_is_wrong(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgers://fax:hush@host/fax")
    with pytest.raises(ImproperlyConfigured) as refused:
        env.check()
    assert "hush" not in str(refused.value)


def test_an_empty_variable_means_its_default(monkeypatch):
    monkeypatch.setenv("FAXPORTAL_PORT", "")
    env.check()
    assert env.number("FAXPORTAL_PORT") == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [("FAXPORTAL_PORT", "abc"), ("FAXPORTAL_WORKERS", "0"), ("DATABASE_URL", "postgres://a:b@c:d")],
)
@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_command_ends_with_that_sentence_and_no_traceback(tmp_path, command, name, value):
    done = manage(tmp_path / "data", command, **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name} must be ")
    assert done.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_one_is_told(tmp_path):
    (tmp_path / "file").touch()
    done = manage(tmp_path / "file" / "data", "check")
    assert done.returncode == 1
    assert done.stderr.startswith(f"FAXPORTAL_DATA is {tmp_path}/file/data, which cannot be used")
    assert done.stderr.count("\n") == 1


def test_a_folder_that_is_there_for_others_is_not_closed_to_them(tmp_path):
    tmp_path.chmod(0o1777)
    with pytest.raises(ImproperlyConfigured, match="others"):
        make_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


def test_data_can_be_read_by_nobody_else(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    done = manage(data, "migrate", "sessions", "-v0")
    assert done.returncode == 0, done.stderr
    wrote = "from django.core.mail import send_mail; send_mail('a', 'b', None, ['c@d.example'])"
    assert manage(data, "shell", "-c", wrote).returncode == 0
    assert list((data / "mail").iterdir())
    assert (data / "portal.sqlite3").exists()
    for path in [data, *data.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_deployment_checks_find_nothing_behind_https(tmp_path):
    done = manage(
        tmp_path / "data",
        *("check", "--deploy", "--fail-level", "INFO"),
        FAXPORTAL_BASE_URL="https://fax.example",
        FAXPORTAL_HOSTS="fax.example",
        EMAIL_URL="smtp+tls://portal:hush@mail.example",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("base", "subdomains", "told"),
    [
        ("http://fax.example", "true", "0 False False False"),
        ("https://fax.example", "false", "31536000 False True True"),
        ("https://fax.example", "true", "31536000 True True True"),
    ],
)
def test_browsers_are_bound_to_https_where_the_portal_speaks_it(tmp_path, base, subdomains, told):
    tell = (
        "from django.conf import settings as s; print(s.SECURE_HSTS_SECONDS,"
        " s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    chosen = {"FAXPORTAL_BASE_URL": base, "FAXPORTAL_HSTS_SUBDOMAINS": subdomains}
    done = manage(tmp_path / "data", "shell", "-v0", "-c", tell, **chosen)
    assert done.stdout == f"{told}\n"


def test_cookies_of_two_portals_on_one_host_have_different_names(tmp_path):
    tell = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"
    for port in ("8301", "8302"):
        done = manage(tmp_path / "data", "shell", "-v0", "-c", tell, FAXPORTAL_PORT=port)
        assert done.stdout == f"faxportal_session_{port} faxportal_csrf_{port}\n"
