"""Jobs in Redis, with receipts: taking one holds it, and what is held for too long goes back.

Redis may be away or lose everything: whoever puts a job in goes on without it, and the sweep finds
in the rows what should have been done.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.core.signing import BadSignature
from django_q.signing import SignedPackage

from faxes.brokers import HELD_FOR, Served
from faxes.redis_door import name_of, reaching

_MOST_HOLDS: Final = 5  # a job that was held so often and never ended kills whoever takes it
_DEAD_KEPT: Final = 1000
_DEAD_SECONDS: Final = 7 * 24 * 3600
_PARTS: Final = ("waiting", "held", "holds", "dead")
# The moment is that of Redis: the clocks of machines differ.
_TAKE: Final = """
local now = tonumber(redis.call('TIME')[1])
for first = 1, #KEYS, 4 do
  local waiting, held, holds, dead = unpack(KEYS, first, first + 3)
  for _, job in ipairs(redis.call('ZRANGEBYSCORE', held, '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', held, job)
    if redis.call('HINCRBY', holds, job, 1) >= tonumber(ARGV[2]) then
      redis.call('HDEL', holds, job)
      redis.call('LPUSH', dead, job)
      redis.call('LTRIM', dead, 0, ARGV[3] - 1)
      redis.call('EXPIRE', dead, ARGV[4])
    else
      redis.call('RPUSH', waiting, job)
    end
  end
  local job = redis.call('LPOP', waiting)
  if job then
    redis.call('ZADD', held, now + ARGV[1], job)
    return {(first - 1) / 4, job}
  end
end
"""


class Receipts(Served):
    """Jobs in lists of Redis; each says by itself what it is, and is its own receipt."""

    held_for = HELD_FOR

    def enqueue(self, task: str) -> int:
        """Put a job in.

        Raises:
            Away: it was not put in, or perhaps it was.

        """
        with reaching() as redis:
            return int(redis.rpush(_name(self.queues[0], "waiting"), task))

    def waiting(self) -> dict[str, int]:
        """How many jobs wait in each queue that has some."""
        with reaching() as redis, redis.pipeline(transaction=False) as asked:
            for queue in self.queues:
                asked.llen(_name(queue, "waiting"))
            counted = dict(zip(self.queues, map(int, asked.execute()), strict=True))
        return {queue: jobs for queue, jobs in counted.items() if jobs}

    def waiting_since(self) -> dict[str, datetime]:
        """Since when the first job of each queue waits that has one."""
        found: dict[str, datetime] = {}
        for queue, job in self.heads().items():
            with suppress(BadSignature):  # no job of ours: whoever takes it removes it
                found[queue] = SignedPackage.loads(job)["started"]
        return found

    def heads(self) -> dict[str, object]:
        """What the job that is next is known by, of each queue that has one."""
        with reaching() as redis, redis.pipeline(transaction=False) as asked:
            for queue in self.queues:
                asked.lindex(_name(queue, "waiting"), 0)
            found = dict(zip(self.queues, asked.execute(), strict=True))
        return {queue: head for queue, head in found.items() if head}

    def release(self) -> None:
        """Nothing: what others hold is not ours, and the sweep finds what the dead held."""

    def _take(self, queues: Sequence[str]) -> tuple[tuple[str, str], str] | None:
        keys = [_name(queue, part) for queue in queues for part in _PARTS]
        hold = int(self.held_for.total_seconds())
        with reaching() as redis:
            # a script that a server has forgotten is told to it again
            taken = redis.register_script(_TAKE)(
                keys, [hold, _MOST_HOLDS, _DEAD_KEPT, _DEAD_SECONDS]
            )
        if not taken:
            return None
        queue, job = queues[int(taken[0])], taken[1]
        return (queue, job), job

    def _let_go(self, queue: str, known_by: str) -> None:
        with reaching() as redis, redis.pipeline() as asked:
            asked.zrem(_name(queue, "held"), known_by)
            asked.hdel(_name(queue, "holds"), known_by)
            asked.execute()


def _name(queue: str, part: str) -> str:
    return name_of("jobs", queue, part)
