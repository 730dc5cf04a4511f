"""The API describes itself: as OpenAPI, and as pages to read."""

import json

import pytest
from django.test import Client
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
    page = Client().get("/api/docs/").content.decode()
    for chapter in chapters():
        for each in chapter.operations:
            assert f'id="{each.id}"' in page
    assert "curl" in page


def test_each_error_code_is_explained_where_problems_point_to():
    page = Client().get("/api/docs/errors/").content.decode()
    for code in ErrorCode:
        assert f'id="{code.value}"' in page
