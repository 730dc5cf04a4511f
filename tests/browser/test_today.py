"""Today's page can be used by everybody; what people do on it is among the ways (test_ways.py)."""

from tests.accounts.money import CENT, bill

GOOD, NOT_IN_SERVICE = "+12025550100", "+12025550108"


def test_todays_page_has_no_faults(world, work, send, desk):
    bill(world.northside.account, balance=500 * CENT, low_balance=100 * CENT)
    send(world.northside, GOOD, pages=2)
    send(world.lakeside, world.northside.number, pages=3)
    send(world.northside, NOT_IN_SERVICE, subject="Referral for Mrs. Ellis")
    work.run_to_end()
    sitting = desk(world.northside)
    sitting.open("today/")
    assert sitting.faults() == []
