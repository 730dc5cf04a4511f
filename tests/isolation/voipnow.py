"""Who is answered what at the addresses of VoipNow's API: one line a user in the address.

As the tables beside it: everybody asks for a fax from Northside's fax machine by its full
extension, ``0003*210``, with a token of their own. ``parent`` and ``platform`` come from above, as
its providers. An extension that is not theirs, and one that nobody has, is 404 to all others.
``person`` is one of Northside's people, ``foreign`` one of Lakeside's.
"""

VOIPNOW = """
user     |  stranger  other  clerk  parent  platform  |  viewer  member  admin
@me      |  404       404    404    200     200       |  403     200     200
@viewer  |  404       404    404    200     200       |  403     200     200
@owner   |  404       404    404    200     200       |  403     200     200
person   |  404       404    404    200     200       |  403     403     200
foreign  |  404       404    404    404     404       |  403     403     404
"""
ROUTES = ("voipnow-faxes", "voipnow-unified-faxes")
# Nothing is there, whoever asks.
NOTHING = {
    f"{name}-{what}" for name in ("voipnow", "voipnow-unified") for what in ("root", "nothing")
}


def routes() -> set[str]:
    """All routes that the table here says something of."""
    return NOTHING | set(ROUTES)
