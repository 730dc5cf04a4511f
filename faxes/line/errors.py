"""What can go wrong with the line itself; how a call came out is a result, not an error."""


class LineError(Exception):
    """Trouble with the embedded line that says nothing about the far end."""


class LineUnavailable(LineError):
    """The fax library is not installed, or the host of calls cannot start: nothing was dialled."""


class LineCrashed(LineError):
    """The process of a call ended without a result: killed, out of memory, stuck, or broken.

    Nothing is known of the call then; the far end may have received all, some or none of it.
    """


class StationInvalid(LineError, ValueError):
    """A station cannot be what it is asked to be: its identification or its time zone is wrong."""
