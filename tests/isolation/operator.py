"""The addresses of the operator's admin, there for the platform's administrators alone."""

from tests.isolation.walk import arguments

SPACE = "operator:"
# Each list with something that its rows must not tell: see test_operator.py.
LISTS = (
    *("accounts_account", "accounts_user", "accounts_membership", "accounts_ledgerentry"),
    *("accounts_auditentry", "accounts_webhookendpoint", "accounts_webhookmessage"),
    *("faxes_carrier", "faxes_carrierroute", "faxes_number", "faxes_faxbox", "faxes_fax"),
    *("faxes_attempt", "faxes_event", "faxes_inboundmail", "faxes_arrivalmark", "faxes_lease"),
    *("django_q_ormq", "django_q_failure"),
)
OTHERS = ("index", "jsi18n", "app_list")


def routes() -> set[str]:
    """All of them, by what they are called; none is served that is not known here."""
    known = {f"{SPACE}{name}_{what}" for name in LISTS for what in ("changelist", "change")}
    return known | {f"{SPACE}{name}" for name in OTHERS}


def served() -> set[str]:
    """Those that there are."""
    return {name for name in arguments() if name.startswith(SPACE)}
