"""The description of the API: as OpenAPI, as pages to browse, and what each error code means."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from accounts import wording as account_words
from faxes.api.native import problems
from faxes.api.native.told import chapters, description
from faxes.wording import SENTENCES


@dataclass(frozen=True, slots=True)
class Meaning:
    """An error code, the status that it comes with, and what it says; facts stand in braces."""

    code: str
    status: int
    words: str


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, as JSON for those who ask for that, else as YAML."""
    wants_json = request.GET.get("format") == "json" or "json" in request.headers.get("Accept", "")
    renderer = OpenApiJsonRenderer() if wants_json else OpenApiYamlRenderer()
    answer = HttpResponse(renderer.render(description()), content_type=renderer.media_type)
    answer["Content-Disposition"] = f'inline; filename="fax-portal.{renderer.format}"'
    answer["Vary"] = "Accept"
    return answer


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """All chapters of the reference, and what can be asked for in each."""
    return render(request, "faxes/api_reference.html", {"chapters": chapters()})


@require_safe
def chapter(request: HttpRequest, chapter: str) -> HttpResponse:
    """One chapter of the reference, to browse."""
    found = next((each for each in chapters() if each.slug == chapter), None)
    if found is None:
        raise Http404
    context = {"chapters": chapters(), "chapter": found}
    return render(request, "faxes/api_chapter.html", context)


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    """What each error code means."""
    return render(request, "faxes/api_errors.html", {"meanings": sorted(_meanings(), key=_code)})


def _meanings() -> Iterator[Meaning]:
    for code, words in SENTENCES.items():
        yield Meaning(code.value, problems.status_of_code(code), str(words))
    for family, words in account_words.SENTENCES.items():
        yield Meaning(problems.code_of(family), problems.status_of_family(family), str(words))
    for status, plain in problems.CODES.items():
        yield Meaning(plain, status, problems.told(status))


def _code(meaning: Meaning) -> Any:
    return meaning.code
