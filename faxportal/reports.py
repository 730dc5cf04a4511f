"""Reports of errors tell where the code was, and nothing of what it held or was sent."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from faxportal.logs import fit


class TellsNothing(SafeExceptionReporterFilter):
    """Leaves out settings, headers, forms, cookies and variables, also when developing."""

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002 (Django's face)
        """Always."""
        return True

    def get_safe_settings(self) -> dict[str, Any]:
        """None of them."""
        return {}

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:  # noqa: ARG002
        """None of it."""
        return {}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:  # noqa: ARG002
        """None of them."""
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:  # noqa: ARG002
        """None of them."""
        return {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """None of them."""
        del request, tb_frame
        nothing: dict[str, Any] = {}
        return nothing.items()


class PlainReporter(ExceptionReporter):
    """The report about an error: its traceback, its sort, and what it says as a log may say it."""

    def get_traceback_data(self) -> dict[str, Any]:
        """What a report shows; of the request only how it asked."""
        data: dict[str, Any] = super().get_traceback_data()
        if "exception_value" in data:
            data["exception_value"] = fit(str(data["exception_value"]))
        for frame in data.get("frames", ()):
            frame["exc_cause"] = frame["exc_cause"] and type(frame["exc_cause"]).__name__
        for told in ("filtered_POST_items", "request_GET_items", "request_FILES_items"):
            data[told] = []
        data |= {"request": None, "user_str": "", "request_meta": {}, "request_insecure_uri": ""}
        data |= {"request_COOKIES_items": [], "unicode_hint": "", "settings": {}}
        return data
