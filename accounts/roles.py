"""Who may do what: roles by actions, as one table of plain data."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person is in an account."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"
    SYSTEM = "system"  # the portal itself, at work for the account; never a membership


class Action(StrEnum):
    """Something that can be allowed or not."""

    FAX_VIEW = "fax.view"
    FAX_SEND = "fax.send"  # also resend and forward
    FAX_MARK = "fax.mark"  # read and unread
    FAX_CANCEL = "fax.cancel"
    FAX_STRIP = "fax.strip"
    FAX_DELETE = "fax.delete"
    COVER_MANAGE = "cover.manage"


_VIEW = frozenset({Action.FAX_VIEW})
_WORK = _VIEW | {
    Action.FAX_SEND,
    Action.FAX_MARK,
    Action.FAX_CANCEL,
    Action.FAX_STRIP,
    Action.FAX_DELETE,
    Action.COVER_MANAGE,
}

ALLOWED: Final[dict[Role, frozenset[Action]]] = {
    Role.ADMIN: frozenset(Action),
    Role.MEMBER: _WORK,
    Role.VIEWER: _VIEW,
    Role.SYSTEM: frozenset(Action),
}


def may(role: Role, action: Action) -> bool:
    """Whether the table allows it."""
    return action in ALLOWED[role]
