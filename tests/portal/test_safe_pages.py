"""What holds for every page: nothing inline, nothing from elsewhere, names kept as text."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from faxes.models import Fax

GOOD = "+12025550100"
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
ON_SCREEN = [path for path in TEMPLATES if path.parent.name not in {"reports", "email"}]
IN_MAILS = [path for path in TEMPLATES if path.parent.name == "email"]
NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.mark.parametrize("path", ON_SCREEN, ids=lambda path: str(path.relative_to(path.parents[1])))
def test_no_template_has_script_or_style_of_its_own(path):
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\shx-", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)


@pytest.mark.parametrize("path", IN_MAILS, ids=lambda path: path.name)
def test_a_mail_brings_its_style_along_and_loads_and_runs_nothing(path):
    mail = path.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|<iframe|\son[a-z]+=|javascript:|src=|url\(", mail)


@pytest.mark.parametrize("path", sorted(Path(settings.BASE_DIR, "static").rglob("*.css")),
                         ids=lambda path: path.name)  # fmt: skip
def test_a_stylesheet_stays_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


def test_what_others_write_is_shown_as_text(world, visit, send, work):
    fax = send(world.northside, GOOD, subject=NASTY, message=NASTY)
    work.run_to_end()
    Fax.rows.filter(pk=fax.pk).update(remote_station_id="<b>x</b>")
    visitor = visit(world.northside)
    for response in (
        visitor.get("outbox"),
        visitor.get("outbox", "?q=" + "%3Cscript%3E"),
        visitor.get("fax", fax=fax.pk),
        visitor.post("compose", {"to": NASTY, "subject": NASTY, "message": NASTY}),
    ):
        page = response.content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>x</b>" not in page


def test_the_browser_may_load_nothing_but_ours(world, visit):
    policy = visit(world.northside).get("inbox")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_style_guide_is_for_developing_only(world, visit, settings):
    client = visit(world.northside).client
    settings.DEMO = True
    assert client.get("/styleguide/").status_code == 200
    settings.DEMO = settings.DEBUG = False
    assert client.get("/styleguide/").status_code == 404


def test_what_is_not_there_is_told_kindly(world, visit):
    response = visit(world.northside).client.get("/a/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_pages_for_when_nothing_works_need_nothing(name):
    page = render_to_string(name)
    assert "<h1>" in page
    assert 'href="/"' in page
