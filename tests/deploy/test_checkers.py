"""What the makers of Docker, systemd, nginx and Kubernetes have to say about deploy/."""

import re
import stat
import sys

import kubernetes_validate
import pytest
import yaml

from tests.deploy.files import DEPLOY, MANIFESTS, ROOT, UNITS, manifests, program, ran

# What a service may be exposed to by systemd's own reckoning, in tenths.
MOST_EXPOSED = 18
CLUSTER = "1.31"

needs_systemd = pytest.mark.skipif(not program("systemd-analyze"), reason="no systemd here")


def test_hadolint_finds_nothing_in_the_dockerfile():
    settings = DEPLOY / "hadolint.yaml"
    done = ran(str(program("hadolint")), "-c", str(settings), str(DEPLOY / "Dockerfile"))
    assert (done.returncode, done.stdout) == (0, "")


def test_compose_knows_every_word_of_its_file():
    checker = str(program("check-jsonschema"))
    done = ran(
        checker, "--builtin-schema", "vendor.compose-spec", "--color", "never",
        str(DEPLOY / "compose.yaml"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_cluster_knows_every_word_of_its_manifests(path):
    for each in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        kubernetes_validate.validate(each, CLUSTER, strict=True)


def test_what_is_applied_together_is_all_there_is():
    listed = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text("utf-8"))
    assert sorted(listed["resources"]) == [path.name for path in MANIFESTS]
    assert len({(each["kind"], each["metadata"]["name"]) for each in manifests()}) == len(
        manifests()
    )


@needs_systemd
def test_systemd_understands_every_line_of_its_units(tmp_path):
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text(encoding="utf-8")
        # there is no portal in /opt here, but a Python and a manage.py
        text = text.replace("/opt/portal/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text.replace("/opt/portal", str(ROOT)))
    units = sorted(map(str, tmp_path.iterdir()))
    done = ran(
        str(program("systemd-analyze")), "verify", "--man=no", "--recursive-errors=no", *units
    )
    assert (done.returncode, done.stdout) == (0, "")


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_service_is_exposed_to_little(path):
    done = ran(
        str(program("systemd-analyze")), "security", "--offline=yes", "--no-pager",
        f"--threshold={MOST_EXPOSED}", str(path),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["bootstrap", "make-secrets", "prove-install", "healthy"])
def test_a_script_can_be_run_and_says_by_what(name):
    path = DEPLOY / name
    assert path.stat().st_mode & stat.S_IXUSR
    shell = re.match(r"#!/usr/bin/env (bash|python3)\n", path.read_text(encoding="utf-8"))
    assert shell
    if shell[1] == "bash":
        assert ran("bash", "-n", str(path)).stdout == ""
