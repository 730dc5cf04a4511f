"""Whatever the files of deploy/ name is there: commands, settings, ports, paths, secrets."""

import os
import re
import sys

import pytest
from django.core.management import get_commands

from faxportal.variables import VARIABLES
from tests.deploy.files import (
    DEPLOY,
    ROOT,
    UNITS,
    commands,
    compose,
    dockerfile,
    manifests,
    pods,
    ran,
    unit_lines,
    variables,
)

KNOWN = {each.name: each for each in VARIABLES}
OF_PYTHON = {"PATH", "LANG", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """The folder of secrets that an operator has made."""
    folder = tmp_path_factory.mktemp("secrets")
    done = ran(str(DEPLOY / "make-secrets"), str(folder))
    assert done.returncode == 0, done.stdout
    return folder


def test_every_command_that_is_started_is_the_portals():
    started = list(commands())
    assert len(started) > 10
    assert [each for each in started if each[1] not in get_commands()] == []


def test_every_variable_is_a_setting_of_the_portal():
    unknown = []
    for where, name, _ in variables():
        of_secret = KNOWN.get(name.removesuffix("_FILE"))
        if name not in {*KNOWN, *OF_PYTHON} and not (of_secret and of_secret.secret):
            unknown.append((where, name))
    assert unknown == []


def test_no_secret_stands_in_a_file():
    assert [
        (where, name)
        for where, name, value in variables()
        if KNOWN.get(name) and KNOWN[name].secret
    ] == []
    settings = {"DATABASE_URL", "FAXPORTAL_SECRET_KEY", "REDIS_URL", "AWS_SECRET_ACCESS_KEY"}
    for path in UNITS:
        assert not settings & {line.partition("=")[0] for line in unit_lines(path, "Environment")}


def test_every_port_is_the_one_that_the_portal_listens_on():
    web, mail = (int(KNOWN[name].default) for name in ("FAXPORTAL_PORT", "FAXPORTAL_SMTP_PORT"))
    assert re.findall(r"^EXPOSE (\d+) (\d+)$", dockerfile(), re.MULTILINE) == [
        (str(web), str(mail))
    ]
    listening = {
        container["name"]: [each["containerPort"] for each in container.get("ports", [])]
        for _, pod in pods()
        for container in pod["containers"]
    }
    assert (listening["web"], listening["smtp"]) == ([web], [mail])
    services = compose()["services"]
    assert services["web"]["ports"][0].endswith(f":{web}")
    assert services["smtp"]["ports"][0].endswith(f":{mail}")
    assert f"server 127.0.0.1:{web};" in (DEPLOY / "nginx/portal.conf").read_text("utf-8")


def test_every_path_that_goes_into_the_image_is_here():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    wanted = [line[1:] for line in ignored if line.startswith("!") and "*" not in line]
    assert [each for each in wanted if not (ROOT / each).exists()] == []
    copied = re.findall(r"^COPY (deploy/\S+)", dockerfile(), re.MULTILINE)
    assert set(copied) <= set(wanted)
    health = re.findall(r'"python", "(\S+)"', dockerfile())
    assert [each for each in health if not (ROOT / each).exists()] == []


def test_every_secret_that_is_read_is_made(secrets):
    made = {path.name for path in secrets.iterdir()}
    read = {each["file"].removeprefix("secrets/") for each in compose()["secrets"].values()}
    for _, _, value in variables():
        read |= set(re.findall(r"^/run/secrets/(?:portal/)?(.+)$", value))
        read |= set(re.findall(r"^%d/secrets_(.+)$", value))
    assert read == made
    for service in compose()["services"].values():
        assert set(service.get("secrets", [])) <= set(compose()["secrets"])


def test_nobody_else_enters_the_folder_of_secrets_and_what_is_there_stays(secrets):
    assert secrets.stat().st_mode & 0o077 == 0
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert ran(str(DEPLOY / "make-secrets"), str(secrets)).returncode == 0
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before


def test_the_portal_takes_the_settings_and_secrets_of_a_cluster(secrets, tmp_path):
    told = {name: value for where, name, value in variables() if where == "kubernetes"}
    settings = {
        name: value.replace("/run/secrets/portal", str(secrets)) for name, value in told.items()
    }
    told_by = (
        "from django.conf import settings as s; from accounts.services import paper_keys as p;"
        "p.check(); print(s.SECRET_KEY, s.SITE_KEYS[0], s.DATABASES['keys']['NAME'],"
        " s.DATABASES['default']['PASSWORD'], s.STORAGES['default']['OPTIONS']['secret_key'])"
    )
    done = ran(
        sys.executable, "manage.py", "shell", "-v0", "-c", told_by, cwd=ROOT,
        env={"PATH": os.environ["PATH"], "FAXPORTAL_DATA": str(tmp_path / "data"), **settings},
    )  # fmt: skip
    files = ("secret_key", "site_keys", "database_password", "s3_secret_key")
    key, site, database, s3 = ((secrets / name).read_text() for name in files)
    assert done.stdout == f"{key} {site} portal_keys {database} {s3}\n"


def test_every_pod_runs_as_nobody_on_a_system_that_it_cannot_write_to():
    for name, pod in pods():
        who = pod["securityContext"]
        assert (who["runAsNonRoot"], who["runAsUser"]) == (True, 10001), name
        assert who["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]
    assert re.findall(r"^USER (\d+)", dockerfile(), re.MULTILINE) == ["10001"]


def test_every_container_of_one_machine_is_held_as_tightly():
    for name, service in compose()["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"cap_add", "privileged"} & set(service), name
        waits = service.get("healthcheck") or service.get("restart") == "no" or name == "web"
        assert waits, f"nobody learns whether {name} is well"


def test_what_chooses_pods_in_a_cluster_finds_some():
    labels = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in manifests()
        if each["kind"] in {"Deployment", "Job"}
    ]
    for each in manifests():
        spec = each.get("spec", {})
        wanted = spec.get("selector") if each["kind"] == "Service" else None
        if each["kind"] in {"PodDisruptionBudget", "Deployment"}:
            wanted = spec["selector"]["matchLabels"]
        if each["kind"] == "NetworkPolicy":
            wanted = spec["podSelector"].get("matchLabels")
        if wanted:
            assert any(wanted.items() <= found.items() for found in labels), each["metadata"]
    deployed = {each["metadata"]["name"] for each in manifests() if each["kind"] == "Deployment"}
    for each in manifests():
        if each["kind"] == "HorizontalPodAutoscaler":
            assert each["spec"]["scaleTargetRef"]["name"] in deployed
