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
    which: str = "sent"  # the fax, upload, cover, person, … that the address names
    above: bool = False  # an address of Harbor, who provides for Northside
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
    "account_set_password",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "single-sign-on",
    "socialaccount_login_cancelled",
    "openid_connect_login",
    "openid_connect_callback",
    "profile",
    "sessions",
    "invitation",
    "health-live",
    "health-ready",
    "styleguide",
}

ROUTES = [
    Route("team", needs=Action.TEAM_MANAGE),
    Route("team-invite", "post", Action.TEAM_MANAGE, (("email", "x"),), good=(422,)),
    Route("team-role", "post", Action.TEAM_MANAGE, (("role", "member"),), "user"),
    Route("team-remove", "post", Action.TEAM_MANAGE, which="user"),
    Route("invitation-resend", "post", Action.TEAM_MANAGE, which="invitation"),
    Route("invitation-withdraw", "post", Action.TEAM_MANAGE, which="invitation"),
    Route("access", needs=Action.TEAM_MANAGE),
    Route("access-set", "post", Action.TEAM_MANAGE, which="faxbox"),
    Route("tokens", needs=Action.TOKEN_MANAGE),
    Route("token-new", "post", Action.TOKEN_MANAGE, (("name", ""),), good=(422,)),
    Route("token-revoke", "post", Action.TOKEN_MANAGE, which="token"),
    Route("audit", needs=Action.AUDIT_VIEW),
    Route("audit-csv", needs=Action.AUDIT_VIEW),
    Route("sign-in-rules", needs=Action.SIGN_IN_MANAGE),
    Route("sign-in-rules", "post", Action.SIGN_IN_MANAGE, (("issuer", "x"),), good=(422,)),
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
    Route("usage", needs=Action.USAGE_VIEW),
    Route("usage-csv", needs=Action.USAGE_VIEW),
    Route("usage-pdf", needs=Action.USAGE_VIEW),
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
