"""Who may do what at every address: one row an address and method, read by the test beside it.

``needs`` names the action of ``accounts.roles`` that the address asks for; None asks for nothing
but being of the account. ``open`` addresses serve anybody.
"""

from dataclasses import dataclass

from accounts.roles import Action


@dataclass(frozen=True)
class Route:
    """One address and method; ``data`` is what a right request carries."""

    name: str
    method: str = "get"
    needs: Action | None = Action.FAX_VIEW
    data: tuple[tuple[str, str], ...] = ()
    which: str = "sent"  # the fax, upload or cover that the address names
    good: tuple[int, ...] = (200, 302, 286)  # 286 tells htmx to stop polling

    @property
    def of_account(self) -> bool:
        return self.which != "open"


OPEN = {
    "home",
    "account_login",
    "account_logout",
    "account_signup",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_reauthenticate",
    "account_inactive",
    "health-live",
    "health-ready",
    "styleguide",
}

ROUTES = [
    Route("inbox"),
    Route("outbox"),
    Route("compose", needs=Action.FAX_SEND),
    Route("compose", "post", Action.FAX_SEND, (("to", "abc"),), good=(422,)),
    Route("compose-preview", "post", Action.FAX_SEND, good=(200, 422)),
    Route("compose-cover", "post", Action.FAX_SEND, (("cover", "plain"),)),
    Route("covers", needs=Action.COVER_MANAGE),
    Route("cover-new", needs=Action.COVER_MANAGE),
    Route("cover-new", "post", Action.COVER_MANAGE, (("name", ""),), good=(422,)),
    Route("cover-preview", "post", Action.COVER_MANAGE, (("layout", "plain"),)),
    Route("cover", needs=Action.COVER_MANAGE, which="cover"),
    Route("cover", "post", Action.COVER_MANAGE, (("name", "Other"), ("layout", "plain")), "cover"),
    Route("cover-picture", needs=Action.COVER_MANAGE, which="cover"),
    Route("cover-delete", "post", Action.COVER_MANAGE, which="cover"),
    Route("upload-page", needs=Action.FAX_SEND, which="upload"),
    Route("fax"),
    Route("fax-row"),
    Route("fax-status"),
    Route("fax-document-pdf"),
    Route("fax-document-tiff"),
    Route("fax-page"),
    Route("fax-report-pdf"),
    Route("fax-read", "post", Action.FAX_MARK, which="received"),
    Route("fax-resend", "post", Action.FAX_SEND),
    Route("fax-forward", "post", Action.FAX_SEND, (("to", "+12025550100"),)),
    Route("fax-cancel", "post", Action.FAX_CANCEL, which="waiting"),
    Route("fax-strip", "post", Action.FAX_STRIP),
    Route("fax-delete", "post", Action.FAX_DELETE),
]
