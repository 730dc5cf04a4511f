"""The API describes itself: as OpenAPI, and as pages to read."""

import json
import re

import pytest
from django.test import Client
from django.utils.html import escape
from drf_spectacular.generators import SchemaGenerator

from faxes.api.native.told import chapters, description
from faxes.enums import ErrorCode

pytestmark = pytest.mark.django_db


def test_anybody_reads_the_description_as_yaml_or_json():
    yaml = Client().get("/api/schema/")
    told = Client().get("/api/schema/", headers={"accept": "application/json"})
    assert yaml.content.startswith(b"openapi: 3.1.0")
    assert json.loads(told.content) == json.loads(json.dumps(description()))


def test_the_portals_own_api_alone_is_described():
    for paths in (description()["paths"], SchemaGenerator().get_schema(public=True)["paths"]):
        assert all(path.startswith("/api/v1/") for path in paths)


def test_every_operation_has_a_name_a_resource_and_its_problems():
    operations = [
        (path, method, told)
        for path, methods in description()["paths"].items()
        for method, told in methods.items()
    ]
    names = [told["operationId"] for _, _, told in operations]
    assert len(set(names)) == len(names)
    for path, method, told in operations:
        assert told["tags"], path
        assert told.get("description"), path
        assert {"401", "403", "429"} <= set(told["responses"]), f"{method} {path}"


def test_the_reference_shows_every_operation_with_a_line_to_try():
    overview = Client().get("/api/docs/").content.decode()
    for chapter in chapters():
        address = f"/api/docs/{chapter.slug}/"
        page = Client().get(address).content.decode()
        for each in chapter.operations:
            assert f'href="{address}#{each.id}"' in overview
            assert f'id="{each.id}"' in overview, "where addresses of before lead"
            assert f'id="{each.id}"' in page
            assert escape(each.example) in page
        assert "`" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
    assert "`" not in overview
    assert Client().get("/api/docs/nothing-like-it/").status_code == 404


def test_a_chapter_tells_a_long_answer_once_and_leads_there_otherwise():
    for chapter in chapters():
        page = Client().get(f"/api/docs/{chapter.slug}/").content
        assert len(page) < 75_000, f"{chapter.name} is long: its styles come on top"
        led = re.findall(r'href="#([\w-]+)"', page.decode())
        assert all(page.count(f'id="{each}"'.encode()) == 1 for each in led), chapter.name
        if chapter.name == "Faxes":
            assert led


def test_each_error_code_is_explained_where_problems_point_to():
    page = Client().get("/api/docs/errors/").content.decode()
    for code in ErrorCode:
        assert f'id="{code.value}"' in page
