"""The numbers of the test exchange, for whoever wants to see how something turns out."""

from typing import Final

from django.utils.translation import gettext_lazy as lazy

ANSWERS: Final = "+1 202 555 0100"
TRIALS: Final = (
    (ANSWERS, lazy("answers and takes everything")),
    ("+1 202 555 0101", lazy("is busy")),
    ("+1 202 555 0102", lazy("rings, but nobody answers")),
    ("+1 202 555 0103", lazy("a person picks up, no fax machine")),
    ("+1 202 555 0104", lazy("hangs up during the second page of each call")),
    ("+1 202 555 0105", lazy("has a noisy line")),
    ("+1 202 555 0106", lazy("is an old, slow machine")),
    ("+1 202 555 0107", lazy("is busy twice, then answers")),
    ("+1 202 555 0108", lazy("is not in service")),
    ("+1 202 555 0109", lazy("answers at the pace of a real call")),
)
