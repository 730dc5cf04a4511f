"""The words between the portal, its host of calls, and the processes of calls."""

# To the host, over its control socket: one message each.
PLACE = b"place"  # with one descriptor: the channel of a call
KILL = b"kill "  # followed by the id of a call's process

# To a call's process, over its channel, after the job: one line of JSON.
HANG_UP = b"hang up\n"
