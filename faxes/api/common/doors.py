"""What stands before the addresses of each dialect sees to it that refusals are in its words."""

from http import HTTPStatus
from typing import TypeVar

from django.http.response import HttpResponseBase

Answer = TypeVar("Answer", bound=HttpResponseBase)


def in_dialect(answer: Answer) -> Answer:
    """Mark an answer as one that a dialect wrote itself."""
    answer.in_dialect = True  # type: ignore[attr-defined]
    return answer


def must_be_told(answer: HttpResponseBase) -> bool:
    """Whether it refuses, in the words of no dialect: such as what is too large for any address."""
    refused = answer.status_code >= HTTPStatus.BAD_REQUEST
    return refused and not getattr(answer, "in_dialect", False)
