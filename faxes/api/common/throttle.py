"""How often programs may ask: each request is counted, and each answer says what is left."""

from typing import Final

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.errors import TooManyRequests
from accounts.scoping import Actor
from accounts.services.rate_limits import IN_THIS_PROCESS, WINDOW, Standing

HEADERS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")


def count(request: Request, actor: Actor) -> None:
    """Count a request of an actor who showed a token.

    Raises:
        TooManyRequests: there were as many as may be for now.

    """
    try:
        _note(request, IN_THIS_PROCESS.take(actor))
    except TooManyRequests as refused:
        _note(request, refused.standing)
        raise


def tell(request: Request, response: HttpResponseBase) -> None:
    """Say in an answer how who asked stands with their limits, if they were counted."""
    standing: Standing | None = getattr(request, "standing", None)
    if standing is None:
        return
    limits = [f'{most};w={WINDOW};comment="{whose}"' for most, whose in standing.policy]
    told = (standing.limit, standing.remaining, standing.reset, ", ".join(limits))
    for name, value in zip(HEADERS, told, strict=True):
        response.headers[name] = str(value)


def _note(request: Request, standing: Standing | None) -> None:
    request.standing = standing  # type: ignore[attr-defined]
