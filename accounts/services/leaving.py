"""What ends with an account that is suspended, closed or erased: sessions, tokens, people, name."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import clock
from accounts.models import (
    Account,
    Brand,
    Credential,
    IdempotencyKey,
    Invitation,
    Logo,
    Membership,
    ProgramSession,
    Status,
)
from accounts.scoping import Actor
from accounts.services import audit, people, sign_in_digests, tree
from accounts.tenancy import shut_out


def end_stranded_sessions(account: Account) -> None:
    """Sign out the people of an account, and of those below it, who can use no account any more."""
    members = Membership.objects.filter(account__in=tree.branch(account)).values("user_id")
    sessions = UserSession.objects.filter(user_id__in=members).select_related("user")
    usable: dict[object, bool] = {}
    for session in sessions:
        if session.user_id not in usable:
            usable[session.user_id] = shut_out(session.user) is None
        if not usable[session.user_id]:
            session.end()


def end_all_sessions() -> None:
    """Sign out everybody of all accounts, programs too: who they were signed in as may be old."""
    ProgramSession.objects.all().delete()
    UserSession.objects.all().delete()
    Session.objects.all().delete()


def end_ways_in(account: Account) -> int:
    """End tokens, open invitations, programs' and stranded sessions of a closed account.

    How many tokens there were.
    """
    now = clock.now()
    open_ones = Invitation.objects.filter(
        account=account, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    open_ones.update(withdrawn_at=now)
    end_stranded_sessions(account)
    ProgramSession.objects.filter(account=account).delete()
    live = Credential.objects.filter(account=account, revoked_at__isnull=True)
    return live.update(revoked_at=now)


def remove_people(account: Account) -> None:
    """Take everybody out of an account that is erased; who is of no other one goes altogether."""
    for membership in Membership.objects.filter(account=account).select_related("user"):
        user = membership.user
        with transaction.atomic():
            membership.delete()
            sign_in_digests.forget_names(user)
            if not Membership.objects.filter(user=user).exists():
                people.end_sessions(user)
                user.delete()


def entomb(account: Account, *, numbers: int) -> None:
    """Say that an account is erased: a row without a name remains, for the books to refer to."""
    with transaction.atomic():
        Brand.objects.for_account(account.pk).delete()
        Logo.objects.for_account(account.pk).delete()
        IdempotencyKey.objects.for_account(account.pk).delete()
        entombed = Account.objects.filter(pk=account.pk, status=Status.CLOSED).update(
            status=Status.ERASED,
            name="",
            realm=f"{account.pk.hex}.erased.invalid",
            erase_at=None,
            suspended_at=None,
            suspended_for=None,
            page_text_key=None,
        )
        if entombed and account.parent_id is not None:
            actor = Actor.system(account.parent_id)
            audit.record_below(actor, account_id=account.pk, action="tenant.erase", numbers=numbers)
