"""Who is answered what at the addresses of ``/v2`` that are not of faxes; see the table beside it.

Addresses name Northside Clinic, its viewer as ``user``, its fax machine, its webhook, its mail.
``sends`` is the data of a right request.
"""

ACCOUNTS = """
route                   method  |  stranger  other  clerk  parent  platform  support  |  viewer  member  admin  sends
kazoo-account           get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-account           put     |  403       403    403    400     400       400      |  403     403     400    {"name":"New"}
kazoo-account           post    |  403       403    403    200     200       200      |  403     403     200    {"name":"Northside Clinic","said":1}
kazoo-account           patch   |  403       403    403    200     200       200      |  403     403     200    {"said":1}
kazoo-account           delete  |  403       403    403    200     200       200      |  403     403     403    {}
kazoo-children          get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-descendants       get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-siblings          get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-parents           get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-tree              get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-api-key           get     |  403       403    403    403     403       403      |  403     403     200    {}
kazoo-api-key           put     |  403       403    403    403     403       403      |  403     403     201    {}
kazoo-users             get     |  403       403    403    200     200       200      |  403     403     200    {}
kazoo-users             put     |  403       403    403    201     201       201      |  403     403     201    {"first_name":"A","last_name":"B","email":"ab@x.example"}
kazoo-user              get     |  403       403    403    200     200       200      |  200     403     200    {}
kazoo-user              post    |  403       403    403    200     200       200      |  403     403     200    {"first_name":"A","last_name":"B"}
kazoo-user              patch   |  403       403    403    200     200       200      |  403     403     200    {"first_name":"A","last_name":"B"}
kazoo-user              delete  |  403       403    403    200     200       200      |  403     403     200    {}
kazoo-impersonation     put     |  403       403    403    403     403       403      |  403     403     201    impersonate
kazoo-faxboxes          get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-faxboxes          put     |  403       403    403    201     201       201      |  403     403     201    {"name":"New"}
kazoo-faxbox            get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-faxbox            post    |  403       403    403    200     200       200      |  403     403     200    {"name":"New"}
kazoo-faxbox            patch   |  403       403    403    200     200       200      |  403     403     200    {"name":"New"}
kazoo-faxbox            delete  |  403       403    403    409     409       409      |  403     403     409    {}
kazoo-webhooks          get     |  403       403    403    200     200       200      |  403     403     200    {}
kazoo-webhooks          put     |  403       403    403    201     201       201      |  403     403     201    {"name":"A","uri":"https://example.com/","hook":"inbound_fax"}
kazoo-webhooks-attempts get     |  403       403    403    200     200       200      |  403     403     200    {}
kazoo-webhook           get     |  403       403    403    200     200       200      |  403     403     200    {}
kazoo-webhook           post    |  403       403    403    200     200       200      |  403     403     200    {"name":"A","uri":"https://example.com/","hook":"inbound_fax"}
kazoo-webhook           patch   |  403       403    403    200     200       200      |  403     403     200    {"name":"B","hook":"inbound_fax"}
kazoo-webhook           delete  |  403       403    403    200     200       200      |  403     403     200    {}
kazoo-webhook-attempts  get     |  403       403    403    200     200       200      |  403     403     200    {}
kazoo-apps              get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-app               get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-app-icon          get     |  403       403    403    404     404       404      |  404     404     404    {}
kazoo-phone-numbers     get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-smtplog           get     |  403       403    403    200     200       200      |  200     200     200    {}
kazoo-smtplog-one       get     |  403       403    403    200     200       200      |  200     200     200    {}
"""
# Of no account, or of that of the token.
_ELSEWHERE = {
    "kazoo-user-auth", "kazoo-user-auth-one", "kazoo-api-auth", "kazoo-token-auth",
    "kazoo-whitelabel", "kazoo-whitelabel-host", "kazoo-whitelabel-part",
    "kazoo-webhooks-catalogue", "kazoo-accounts", "kazoo-own-account",
}  # fmt: skip
_AS_OF_THE_ACCOUNT = {"kazoo-faxbox-smtplog", "kazoo-faxbox-smtplog-one"}


def routes() -> set[str]:
    """All routes that are dealt with here, or in tests of signing in."""
    told = {line.split()[0] for line in ACCOUNTS.strip().splitlines()[1:]}
    return told | _ELSEWHERE | _AS_OF_THE_ACCOUNT


# ruff: noqa: E501 (a line of a table is as long as it is)
