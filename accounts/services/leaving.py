"""What ends when an account is suspended or closed: sessions, tokens, invitations."""

from allauth.usersessions.models import UserSession

from accounts import clock
from accounts.models import Account, Credential, Invitation, Membership
from accounts.tenancy import shut_out


def end_stranded_sessions(account: Account) -> None:
    """Sign out the people of an account, and of those below it, who can use no account any more."""
    members = Membership.objects.filter(account__path__startswith=account.path).values("user_id")
    sessions = UserSession.objects.filter(user_id__in=members).select_related("user")
    usable: dict[object, bool] = {}
    for session in sessions:
        if session.user_id not in usable:
            usable[session.user_id] = shut_out(session.user) is None
        if not usable[session.user_id]:
            session.end()


def end_ways_in(account: Account) -> int:
    """End tokens, open invitations and stranded sessions of a closed account; how many tokens."""
    now = clock.now()
    open_ones = Invitation.objects.filter(
        account=account, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    open_ones.update(withdrawn_at=now)
    end_stranded_sessions(account)
    live = Credential.objects.filter(account=account, revoked_at__isnull=True)
    return live.update(revoked_at=now)
