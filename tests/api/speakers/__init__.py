"""Clients of all five APIs that ask for the same things, each in its own words.

A method that a client lacks is what its API does not serve; the matrix in the docs says the same.
"""

from tests.api.speakers.base import Paper, Reply, Speaker
from tests.api.speakers.fax2 import Fax2
from tests.api.speakers.kazoo import Kazoo
from tests.api.speakers.native import Native
from tests.api.speakers.signalwire import SignalWire
from tests.api.speakers.voipnow import VoipNow

__all__ = ["SPEAKERS", "Paper", "Reply", "Speaker"]

SPEAKERS: dict[str, type[Speaker]] = {
    each.name: each for each in (Native, Kazoo, SignalWire, Fax2, VoipNow)
}
