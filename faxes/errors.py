"""Errors that a user may be told of: a code, the field at fault, facts; no wording, no Django."""

from typing import Any

from faxes.enums import ErrorCode


class FaxError(Exception):
    """Anticipated trouble. ``wording.sentence(error)`` turns it into words for a user.

    ``field`` names the input at fault in the portal's own words (``to``, ``documents``, …) or is
    empty; ``params`` holds plain values that the sentence needs, such as a file name or a limit.
    """

    def __init__(self, code: ErrorCode, *, field: str = "", **params: Any) -> None:
        super().__init__(code.value)
        self.code = code
        self.field = field
        self.params = params

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code.value!r}, field={self.field!r}, {self.params})"


class DocumentError(FaxError):
    """A document cannot become fax pages."""


class NumberError(FaxError):
    """Not a number that a fax can be sent to."""


class RequestError(FaxError):
    """A request asks for what cannot be: an unknown faxbox, a date in the past, ..."""


class FetchError(FaxError):
    """An outside URL cannot be had: none that may be asked, or no good answer.

    ``never_left``: not a byte of the request has gone out.
    """

    never_left = False


class NotAffordable(FaxError):
    """A fax that the account cannot pay for, has no room for, or that is not to be sent at all."""


class MoveNotAllowed(FaxError):
    """The fax is not in a state in which this can be done."""


class FaxNotFound(Exception):
    """No such fax (document, page, …), or none of the asker's: the two must look alike."""


class CannotOpen(Exception):
    """What is stored cannot be opened at present: a key of the site is missing, or it is damaged.

    Only the operator can help. Whoever asks is told that, and not that there is nothing.
    """


class InvalidRequest(Exception):
    """A request with one or more things wrong, each beside its field; nothing was changed."""

    def __init__(self, errors: tuple[FaxError, ...]) -> None:
        super().__init__(", ".join(error.code.value for error in errors))
        self.errors = errors


class OrderRefused(Exception):
    """A part of an order cannot be: ``field`` names it, ``reason`` is what is wrong with it."""

    def __init__(self, field: str, reason: Exception) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
