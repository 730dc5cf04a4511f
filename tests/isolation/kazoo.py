"""Who is answered what at every address of ``/v2``: one line an address and method.

As the tables beside it, but addresses name the account: all are asked for at Northside Clinic's.
``parent`` and ``platform`` come from above as its providers and see what it shares (numbers in
part, here), ``support`` is the parent while support access is granted. An account that is not
theirs, and one that nobody has, is 403 to all others. ``sends`` is what a right request carries.
"""

JOB = '{"to_number":"12025550100","from_number":"%s","document":{"url":"https://x.example/a.pdf"}}'
# What the routes below stand for thrice: of the account, of a faxbox, of a person.
FAXES = """
route                   method  |  stranger  other  clerk  parent  platform  support  |  viewer  member  admin  sends
kazoo-faxes             put     |  403       403    403    201     201       201      |  403     201     201    job
kazoo-outgoing          get     |  403       403    403    200     200       200      |  200     200     200    -
kazoo-outgoing          put     |  403       403    403    201     201       201      |  403     201     201    job
kazoo-outgoing-one      get     |  403       403    403    200     200       200      |  200     200     200    -
kazoo-outbox            get     |  403       403    403    200     200       200      |  200     200     200    -
kazoo-outbox-one        get     |  403       403    403    200     200       200      |  200     200     200    -
kazoo-outbox-one        put     |  403       403    403    403     403       403      |  403     201     201    again
kazoo-outbox-one        delete  |  403       403    403    403     403       403      |  403     200     200    -
kazoo-outbox-attachment get     |  403       403    403    403     403       200      |  200     200     200    -
kazoo-outbox-attachment delete  |  403       403    403    403     403       403      |  403     200     200    -
kazoo-inbox             get     |  403       403    403    200     200       200      |  200     200     200    -
kazoo-inbox-one         get     |  403       403    403    200     200       200      |  200     200     200    -
kazoo-inbox-one         put     |  403       403    403    403     403       403      |  403     201     201    forward
kazoo-inbox-one         delete  |  403       403    403    403     403       403      |  403     200     200    -
kazoo-inbox-attachment  get     |  403       403    403    403     403       200      |  200     200     200    -
kazoo-inbox-attachment  delete  |  403       403    403    403     403       403      |  403     200     200    -
kazoo-incoming          get     |  403       403    403    200     200       200      |  200     200     200    -
kazoo-incoming-one      get     |  403       403    403    500     500       500      |  500     500     500    -
"""
# Nothing is there, whoever asks.
NOTHING = {"kazoo-root", "kazoo-nothing", "kazoo-old"}
SCOPES = ("", "-faxbox", "-user")


def routes() -> set[str]:
    """All routes that the tables here say something of."""
    names = {line.split()[0] for line in FAXES.strip().splitlines()[1:]}
    return NOTHING | {
        name.replace("kazoo", f"kazoo{scope}", 1) for name in names for scope in SCOPES
    }


# ruff: noqa: E501 (a line of a table is as long as it is)
