"""A job whose helper is soon idle."""

import os

IDLE_SECONDS = 0.2


def parent(job):
    return os.getppid()
