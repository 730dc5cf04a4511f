"""Was it taken or not: the one question that decides whether a fax may be handed over again.

Every carrier over HTTP asks it here, so that all answer alike. To add a case write one row, and a
test with an answer that was really seen. What is in no row is ``unknown``, and ``unknown`` never
leads to a second handing over.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final


class Verdict(StrEnum):
    """What an answer says of what was asked."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # a definite no to what was asked
    NOT_ACCEPTED = "not_accepted"  # surely not done, because of the carrier or our account there
    UNKNOWN = "unknown"


# By status, where the vendor's own codes say nothing else. A server that fails (5xx), or one in
# front of it, may have done what was asked; one that redirects has not: it is not followed.
BY_STATUS: Final[Mapping[int, Verdict]] = MappingProxyType(
    {
        HTTPStatus.MOVED_PERMANENTLY: Verdict.NOT_ACCEPTED,
        HTTPStatus.FOUND: Verdict.NOT_ACCEPTED,
        HTTPStatus.TEMPORARY_REDIRECT: Verdict.NOT_ACCEPTED,
        HTTPStatus.PERMANENT_REDIRECT: Verdict.NOT_ACCEPTED,
        HTTPStatus.BAD_REQUEST: Verdict.REFUSED,
        HTTPStatus.UNAUTHORIZED: Verdict.NOT_ACCEPTED,
        HTTPStatus.PAYMENT_REQUIRED: Verdict.NOT_ACCEPTED,
        HTTPStatus.FORBIDDEN: Verdict.NOT_ACCEPTED,
        HTTPStatus.NOT_FOUND: Verdict.NOT_ACCEPTED,
        HTTPStatus.METHOD_NOT_ALLOWED: Verdict.NOT_ACCEPTED,
        HTTPStatus.NOT_ACCEPTABLE: Verdict.NOT_ACCEPTED,
        HTTPStatus.GONE: Verdict.NOT_ACCEPTED,
        HTTPStatus.LENGTH_REQUIRED: Verdict.NOT_ACCEPTED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Verdict.REFUSED,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Verdict.REFUSED,
        HTTPStatus.UNPROCESSABLE_ENTITY: Verdict.REFUSED,
        HTTPStatus.TOO_MANY_REQUESTS: Verdict.NOT_ACCEPTED,
    }
)


def verdict_on(status: int, *, told: Verdict | None = None) -> Verdict:
    """What a status says; ``told`` is what the vendor's own code in the body says, if it has one.

    A vendor's code is believed only where the status is an error of the caller's: a 5xx leaves
    everything open, whatever it says beside.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict.ACCEPTED
    if told is not None and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return told
    return BY_STATUS.get(status, Verdict.UNKNOWN)
