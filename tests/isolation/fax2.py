"""Who is answered what at every address of Fax2's API: one line an address and method.

As the table of programs beside it: everybody asks with a token of their own, addresses name no
account, and what has an id is Northside's. ``sends`` is what a right request carries.
"""

FAX2 = """
route                  method  |  stranger  other  platform  parent  |  viewer  member  admin  sends
fax2-services          get     |  200       200    200       200     |  200     200     200    -
fax2-received          get     |  200       200    200       200     |  200     200     200    -
fax2-service-received  get     |  404       404    404       404     |  200     200     200    -
fax2-content           get     |  404       404    404       404     |  200     200     200    -
fax2-sent              get     |  404       404    404       404     |  200     200     200    -
fax2-upload            post    |  200       200    200       200     |  403     200     200    document
fax2-send              post    |  400       403    403       403     |  403     200     200    upload
"""
# Nobody shows a token there, and nothing is anybody's.
OPEN = {"fax2-token", "fax2-errors", "fax2-nothing", "fax2-root"}


def routes() -> set[str]:
    """All routes that the table here says something of."""
    return OPEN | {line.split()[0] for line in FAX2.strip().splitlines()[1:]}


# ruff: noqa: E501 (a line of a table is as long as it is)
