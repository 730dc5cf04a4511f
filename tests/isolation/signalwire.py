"""Who is answered what at every address of LaML's and Twilio's: one line an address and method.

As the tables beside it. Addresses of LaML name the account: all are asked for at Northside
Clinic's, which ``parent`` and ``platform`` see as its providers; to all others it is as if there
were none. Addresses of Twilio name none: lists are of the one whose token is shown, and what has an
id is Northside's. Who may not do a thing is told 401, as the vendor tells of a scope that is
missing. ``sends`` is what a right request carries.
"""

LAML = """
route           method  |  stranger  other  clerk  parent  platform  support  |  viewer  member  admin  sends
laml-faxes      get     |  404       404    404    200     200       200      |  200     200     200    -
laml-faxes      post    |  404       404    404    201     201       201      |  401     201     201    fax
laml-fax        get     |  404       404    404    200     200       200      |  200     200     200    -
laml-fax        post    |  404       404    404    401     401       401      |  401     200     200    cancel
laml-fax        delete  |  404       404    404    401     401       401      |  401     204     204    -
laml-media      get     |  404       404    404    200     200       200      |  200     200     200    -
laml-one-media  get     |  404       404    404    404     404       200      |  200     200     200    file
laml-one-media  delete  |  404       404    404    401     401       401      |  401     204     204    -
laml-numbers    get     |  404       404    404    200     200       200      |  200     200     200    -
laml-number     get     |  404       404    404    200     200       200      |  200     200     200    -
laml-number     post    |  404       404    404    401     401       401      |  401     401     200    hook
"""
TWILIO = """
route             method  |  stranger  other  platform  parent  |  viewer  member  admin  sends
twilio-faxes      get     |  200       200    200       200     |  200     200     200    -
twilio-faxes      post    |  201       400    400       400     |  401     201     201    fax
twilio-fax        get     |  404       404    404       404     |  200     200     200    -
twilio-fax        post    |  404       404    404       404     |  401     200     200    cancel
twilio-fax        delete  |  404       404    404       404     |  401     204     204    -
twilio-media      get     |  404       404    404       404     |  200     200     200    -
twilio-one-media  get     |  404       404    404       404     |  200     200     200    file
twilio-one-media  delete  |  404       404    404       404     |  401     204     204    -
"""
# Nothing is there, whoever asks; what a code means is everybody's to know.
NOTHING = {"laml-nothing", "laml-short-nothing", "laml-root", "twilio-nothing", "laml-code"}


def routes() -> set[str]:
    """All routes that the tables here say something of; the short addresses are LaML's, too."""
    laml, twilio = (
        {line.split()[0] for line in text.strip().splitlines()[1:]} for text in (LAML, TWILIO)
    )
    return NOTHING | laml | twilio | {each.replace("laml-", "laml-short-", 1) for each in laml}


# ruff: noqa: E501 (a line of a table is as long as it is)
