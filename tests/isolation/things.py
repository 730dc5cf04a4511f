"""What the addresses of the table name: a fax of each sort, a cover, a person, a token, ….

Each has the name of its argument in the address, or of what the table puts in its place. All are
Northside's, or Harbor's where only a reseller has them, and carry the marker where they hold words.
"""

from datetime import timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator

from accounts import clock
from accounts.models import Account, Credential, SupportGrant, User
from accounts.roles import Role
from accounts.services.invitations import invite
from accounts.services.rates import PlanTerms, create_deck, create_plan
from faxes.models import CoverTemplate, Fax, Number
from faxes.services.export import request_export
from faxes.services.preview import prepare_upload
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers
from tests.work import Work
from tests.world import Tenant, World

MARKER: Final = "Quixotriemarker"

# These are Harbor's own: what belongs to a tenant of Harbor's is not among them.
OF_THE_RESELLER: Final = frozenset({"deck", "plan"})


def things_of(
    world: World, work: Work
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, Any]]:
    """Make everything; the things by name, those that people have one each of, and others'."""
    ours = world.northside
    _send(ours, "+12025550100", subject=MARKER)
    _send(world.lakeside, ours.number)
    work.run_to_end()
    waiting = _send(ours, "+12025550100", send_at="2026-12-31T10:00+00:00", subject=MARKER)
    work.run()
    faxes = Fax.rows.filter(account=ours.account)
    CoverTemplate.rows.filter(account=ours.account).update(letterhead=MARKER)
    deck = create_deck(world.harbor.admin, name="Walked", currency="USD")
    things = {
        "fax": faxes.get(direction="outbound", state="delivered").pk,
        "received": faxes.get(direction="inbound").pk,
        "waiting": waiting.pk,
        "page": 1,
        "cover": CoverTemplate.rows.get(account=ours.account).pk,
        "user": ours.people["viewer"].pk,
        "invitation": invite(ours.admin, email=f"{MARKER}@x.example", role=Role.MEMBER)[0].pk,
        "token": Credential.objects.filter(account=ours.account).earliest("id").pk,
        "faxbox": ours.faxbox.pk,
        "tenant": ours.id,
        "to_administer": invite(ours.admin, email="chief@x.example", role=Role.ADMIN)[0].pk,
        "reseller": world.harbor.id,
        "export": _exported(ours, work),
        "part": 1,
        "upload": _upload(ours, Role.ADMIN),
        "number": Number.rows.get(account=ours.account).pk,
        "deck": deck.pk,
        "plan": create_plan(world.harbor.admin, terms=PlanTerms(name="Walked", deck_id=deck.pk)).pk,
        # of a log-in: somebody else's passkey, an unknown link, an account without single sign-on
        "pk": _passkey(ours.people["viewer"]),
        "secret": "unknown",
        "uidb36": "1",
        "key": "unknown-key",
        "provider_id": ours.id,
        "name": "unknown",
        "digest": "unknown",
    }
    own_things = {"member": {"upload": _upload(ours, Role.MEMBER)}}
    theirs = world.lakeside
    their_deck = create_deck(world.summit.admin, name="Theirs", currency="USD")
    of_others = {
        "fax": Fax.rows.get(account=theirs.account).pk,
        "faxbox": theirs.faxbox.pk,
        "user": theirs.people["viewer"].pk,
        "tenant": world.redwood.id,
        "number": Number.rows.get(account=world.redwood.account).pk,
        "reseller": world.summit.id,
        "deck": their_deck.pk,
        "plan": create_plan(
            world.summit.admin, terms=PlanTerms(name="Theirs", deck_id=their_deck.pk)
        ).pk,
    }
    return things, own_things, of_others


def lets_in(account: Account) -> None:
    """An administrator grants support access for an hour."""
    SupportGrant.rows.create(
        account=account,
        path=account.path,
        granted_at=clock.now(),
        until=clock.now() + timedelta(hours=1),
    )


def _send(tenant: Tenant, to: str, **more: Any) -> Fax:
    wanted = FaxRequest(to=to, documents=[papers.incoming(papers.pdf())], **more)
    return submit_fax(tenant.admin, request=wanted, origin="test")[0]


def _upload(tenant: Tenant, role: Role) -> Any:
    documents = [papers.incoming(papers.pdf())]
    return prepare_upload(tenant.actor(role), documents=documents, quality="fine").pk


def _exported(tenant: Tenant, work: Work) -> Any:
    made = request_export(tenant.admin)
    work.run()
    return made.pk


def _passkey(user: User) -> int:
    facts = {"name": "Key", "credential": {}}
    kept = Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=facts)
    return int(kept.pk)
