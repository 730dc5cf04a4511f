"""The files of deploy/, read: what each of them starts, sets and needs."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANIFESTS = sorted(
    path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml"
)
_BESIDE = Path(sys.executable).parent


def program(name: str) -> str | None:
    """Where a checker is: in the environment, of the system, or unpacked by deploy/bootstrap."""
    unpacked = ROOT / ".venv/clients/nginx/usr/sbin"
    return shutil.which(name, path=f"{_BESIDE}:{unpacked}") or shutil.which(
        name, path="/usr/sbin:/usr/bin:/sbin:/bin"
    )


def ran(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """What a program said, with both its voices in one."""
    voices: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run(command, check=False, text=True, timeout=120, **voices, **options)


def manifests() -> list[dict[str, Any]]:
    """Everything that is applied to a cluster."""
    texts = [path.read_text(encoding="utf-8") for path in MANIFESTS]
    return [each for text in texts for each in yaml.safe_load_all(text)]


def compose() -> dict[str, Any]:
    """The services of one machine."""
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """What each Deployment and Job has run."""
    for each in manifests():
        if each["kind"] in {"Deployment", "Job"}:
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


def unit_lines(path: Path, name: str) -> list[str]:
    """What a unit says of something, line by line."""
    return re.findall(rf"^{name}=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)


def commands() -> Iterator[tuple[str, str]]:
    """Who has which of the portal's commands started."""
    for name, service in compose()["services"].items():
        if service.get("image") == "faxportal":
            yield from ((f"compose {name}", each) for each in _started(service))
            yield from ((f"compose {name}", each) for each in _asked(service.get("healthcheck")))
    for name, pod in pods():
        for container in pod["containers"]:
            given = {"entrypoint": container.get("command"), "command": container["args"]}
            yield from ((f"kubernetes {name}", each) for each in _started(given))
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                yield from ((f"kubernetes {name}", each) for each in _asked(container.get(probe)))
    for path in UNITS:
        for line in unit_lines(path, "ExecStart"):
            yield path.name, shlex.split(line)[2]
    yield "Dockerfile", re.findall(r'^CMD \["(\w+)"', dockerfile(), re.MULTILINE)[0]


def _started(service: dict[str, Any]) -> list[str]:
    words = service["command"]
    if service.get("entrypoint"):  # a shell's line
        return re.findall(r"manage\.py (\w+)", " ".join(words))
    return [words[0]]


def _asked(probe: Any) -> list[str]:
    """The commands that tell whether somebody is well."""
    words = (probe or {}).get("test") or (probe or {}).get("exec", {}).get("command", [])
    return re.findall(r"manage\.py (\w+)", " ".join(words))


def dockerfile() -> str:
    """How the image is made."""
    return (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def variables() -> Iterator[tuple[str, str, str]]:
    """Who sets which variable of the environment to what."""
    for name, service in compose()["services"].items():
        if service.get("image") == "faxportal":
            for variable, value in service["environment"].items():
                yield f"compose {name}", variable, str(value)
    for each in manifests():
        if each["kind"] == "ConfigMap":
            for variable, value in each["data"].items():
                yield "kubernetes", variable, value
    for path in UNITS:
        for line in unit_lines(path, "Environment"):
            for word in line.split():
                variable, _, value = word.partition("=")
                yield path.name, variable, value
    image = re.findall(r"^(?:ENV|    ) ?([A-Z_]+)=(\S+)", dockerfile(), re.MULTILINE)
    yield from (("Dockerfile", variable, value) for variable, value in image)
