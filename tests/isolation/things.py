"""What the addresses of the table name: a fax of each sort, a cover, a person, a token, ….

Each has the name of its argument in the address, or of what the table puts in its place. All are
Northside's, or Harbor's where only a reseller has them, and carry the marker where they hold words.
"""

from datetime import timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator

from accounts import clock
from accounts.models import Account, Credential, SupportGrant, User
from accounts.roles import Role, Scope
from accounts.services import oauth_tokens, webhooks
from accounts.services.hooks import HookTerms, create_hook
from accounts.services.invitations import invite
from accounts.services.rates import PlanTerms, create_deck, create_plan
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes.enums import Direction
from faxes.models import (
    Carrier,
    CarrierRoute,
    CoverTemplate,
    Document,
    Fax,
    InboundMail,
    Notification,
    Number,
)
from faxes.models.inbound_mail import MailState
from faxes.services.broadcasts import BroadcastRequest, create_broadcast
from faxes.services.contacts import ContactRequest, add_members, create_contact, create_group
from faxes.services.control import cancel_fax
from faxes.services.covers import CoverRequest, save_cover
from faxes.services.do_not_fax import forbid
from faxes.services.drafts import save_draft
from faxes.services.export import request_export
from faxes.services.filing import add_note
from faxes.services.labels import create_label, label_fax
from faxes.services.legal_holds import place
from faxes.services.numbers import import_numbers
from faxes.services.preview import prepare_upload
from faxes.services.privacy import delete_fax
from faxes.services.submit import FaxRequest, submit_fax
from faxes.services.views import save_view
from tests import papers
from tests.work import Work
from tests.world import House, Tenant, World

MARKER: Final = "Quixotriemarker"

# These are Harbor's own: what belongs to a tenant of Harbor's is not among them.
_TOKEN: Final = TokenRequest("x", KINDS.API_TOKEN, (Scope.FAXES_READ,))
OF_THE_RESELLER: Final = frozenset({"deck", "plan"})


def things_of(
    world: World, work: Work
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, Any]]:
    """Make everything; the things by name, those that people have one each of, and others'."""
    ours = world.northside
    _send(ours, "+12025550100", subject=MARKER, notify=[f"{MARKER}@x.example"])
    _send(world.lakeside, ours.number, notify=["theirs@x.example"])
    work.run_to_end()
    gone = _deleted(ours)
    waiting = _send(ours, "+12025550100", send_at="2026-12-31T10:00+00:00", subject=MARKER)
    work.run()
    faxes = Fax.rows.filter(account=ours.account)
    CoverTemplate.rows.filter(account=ours.account).update(letterhead=MARKER)
    deck = create_deck(world.harbor.admin, name="Walked", currency="USD")
    things = {
        "fax": faxes.get(direction="outbound", state="delivered").pk,
        "notification": Notification.rows.get(account=ours.account).pk,
        "received": faxes.get(direction="inbound").pk,
        "waiting": waiting.pk,
        "gone": gone,
        "page": 1,
        "chapter": "faxes",
        "cover": CoverTemplate.rows.get(account=ours.account).pk,
        "user": ours.people["viewer"].pk,
        "invitation": invite(ours.admin, email=f"{MARKER}@x.example", role=Role.MEMBER)[0].pk,
        "token": Credential.objects.filter(account=ours.account).earliest("id").pk,
        **_webhook(ours, MARKER),
        **_of_kazoo(ours),
        "faxbox": ours.faxbox.pk,
        "tenant": ours.id,
        "to_administer": invite(ours.admin, email="chief@x.example", role=Role.ADMIN)[0].pk,
        "reseller": world.harbor.id,
        "export": _exported(ours, work),
        "part": 1,
        "hold": place(ours.admin, reason=MARKER, fax_id=waiting.pk).pk,
        "upload": _upload(ours, Role.ADMIN),
        "draft": _draft(ours, Role.ADMIN),
        **_filed(ours, faxes.get(direction="outbound", state="delivered"), MARKER),
        **_let_in(ours),
        "number": Number.rows.get(account=ours.account).pk,
        **_carrier(ours, MARKER),
        **_of_programs(ours, MARKER),
        "free": _in_pool(world.harbor, "+16175550140"),
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
    return things, _own_things(ours), _of_others(world)


def _own_things(ours: Tenant) -> dict[str, dict[str, Any]]:
    """What everybody has of their own."""
    return {
        "member": {
            "upload": _upload(ours, Role.MEMBER),
            "view": _view(ours, Role.MEMBER),
            "draft": _draft(ours, Role.MEMBER),
        },
        "viewer": {"view": _view(ours, Role.VIEWER)},
    }


def _of_others(world: World) -> dict[str, Any]:
    """The same of others: Lakeside's, Redwood's and Summit's."""
    theirs = world.lakeside
    their_deck = create_deck(world.summit.admin, name="Theirs", currency="USD")
    return {
        **_webhook(theirs, "theirs"),
        **_of_kazoo(theirs),
        "fax": Fax.rows.get(account=theirs.account).pk,
        "gone": _deleted(theirs),
        **_filed(theirs, Fax.rows.get(account=theirs.account), "theirs"),
        "notification": Notification.rows.get(account=theirs.account).pk,
        "faxbox": theirs.faxbox.pk,
        "user": theirs.people["viewer"].pk,
        "tenant": world.redwood.id,
        "number": Number.rows.get(account=world.redwood.account).pk,
        **_carrier(theirs, "theirs"),
        **_of_programs(theirs, "theirs"),
        "free": _in_pool(world.summit, "+16175550141"),
        "cover": _cover(theirs),
        "token": create_token(theirs.admin, request=_TOKEN).credential.pk,
        "upload": _upload(theirs, Role.ADMIN),
        "draft": _draft(theirs, Role.ADMIN),
        **_let_in(theirs),
        "reseller": world.summit.id,
        "hold": place(theirs.admin, reason="theirs", faxbox_id=theirs.faxbox.pk).pk,
        "deck": their_deck.pk,
        "plan": create_plan(
            world.summit.admin, terms=PlanTerms(name="Theirs", deck_id=their_deck.pk)
        ).pk,
    }


def lets_in(account: Account) -> None:
    """An administrator grants support access for an hour."""
    SupportGrant.rows.create(
        account=account,
        path=account.path,
        granted_at=clock.now(),
        until=clock.now() + timedelta(hours=1),
    )


def _of_programs(tenant: Tenant, words: str) -> dict[str, Any]:
    """What is asked for by programs only: a document, a contact in a group, a broadcast to that."""
    contact = create_contact(
        tenant.admin, request=ContactRequest(name=words, number="+12025550100")
    )
    group = create_group(tenant.admin, name=words)
    add_members(tenant.admin, group_id=group.pk, contact_ids=[contact.pk])
    many = BroadcastRequest(
        fax=FaxRequest(to="", documents=[papers.incoming(papers.pdf())]),
        group=str(group.pk),
        name=words,
    )
    rows = Document.rows.filter(account=tenant.account, fax__state__in=["delivered", "received"])
    return {
        "document": rows.filter(fax__direction="outbound").earliest("id").pk,
        "contact": contact.pk,
        "entry": forbid(tenant.admin, number="+12025550157", reason=words).pk,
        "group": group.pk,
        "broadcast": create_broadcast(tenant.admin, request=many, origin="test").pk,
    }


def _filed(tenant: Tenant, fax: Fax, words: str) -> dict[str, Any]:
    """A label, a note of the administrator's on a fax, and a view of theirs."""
    label = create_label(tenant.admin, name=words, colour="red")
    label_fax(tenant.admin, fax_id=fax.pk, label_id=label.pk, on=True)
    note = add_note(tenant.admin, fax_id=fax.pk, text=words)
    return {"label": label.pk, "note": note.pk, "view": _view(tenant, Role.ADMIN)}


def _view(tenant: Tenant, role: Role) -> Any:
    actor = tenant.actor(role)
    return save_view(actor, direction=Direction.INBOUND, name=MARKER, query="unread=1").pk


def _in_pool(house: House, number: str) -> Any:
    import_numbers(house.admin, text=number)
    return Number.rows.get(e164=number).pk


def _carrier(tenant: Tenant, words: str) -> dict[str, Any]:
    """A carrier of the tenant's own, out of service, with a route."""
    made = Carrier.objects.create(
        account=tenant.account, kind="embedded", name=words, enabled=False
    )
    route = CarrierRoute.objects.create(account=tenant.account, carrier=made, prefix="+1202555")
    return {"carrier": made.pk, "route": route.pk}


def _cover(tenant: Tenant) -> Any:
    return save_cover(tenant.admin, request=CoverRequest(name="Theirs")).pk


def _webhook(tenant: Tenant, words: str) -> dict[str, Any]:
    """A webhook and a message for it, which is never sent."""
    made = webhooks.create(tenant.admin, url="https://example.com/", description=words)
    message = webhooks.send_test(tenant.admin, endpoint_id=made.endpoint.pk)
    return {"webhook": made.endpoint.pk, "message": message.pk}


def _let_in(tenant: Tenant) -> dict[str, Any]:
    """A program that asks people, and what the viewer's yes gave it."""
    asks = TokenRequest(
        "x", KINDS.OAUTH_CLIENT, (Scope.FAXES_READ,), redirect_uris="https://x.example/"
    )
    client = create_token(tenant.admin, request=asks).credential
    grant = oauth_tokens.Grant(
        tenant.account, ("faxes:read",), client=client, user=tenant.people["viewer"]
    )
    oauth_tokens.store(grant, oauth_tokens.KINDS.REFRESH, f"fxr_{tenant.id.hex}.x")
    return {"client": client.prefix, "grant": grant.id}


def _of_kazoo(tenant: Tenant) -> dict[str, Any]:
    """A webhook that is told in other words, and a mail that became no fax."""
    terms = HookTerms(name="A hook", url="https://example.com/", words=("inbound_fax",))
    mail = InboundMail.objects.create(
        account_id=tenant.id, faxbox=tenant.faxbox, state=MailState.REFUSED,
        sender=f"{MARKER}@x.example", filename=f"{MARKER}.pdf", number="+12025550100",
        domain="x.fax.localhost", created_at=clock.now(),
    )  # fmt: skip
    return {"hook": create_hook(tenant.admin, terms=terms).pk, "mail": mail.pk}


def _send(tenant: Tenant, to: str, **more: Any) -> Fax:
    wanted = FaxRequest(to=to, documents=[papers.incoming(papers.pdf())], **more)
    return submit_fax(tenant.admin, request=wanted, origin="test")[0]


def _deleted(tenant: Tenant) -> Any:
    """What was the id of a fax, by its administrator."""
    fax = _send(tenant, "+12025550100", subject=MARKER)
    cancel_fax(tenant.admin, fax_id=fax.pk)
    delete_fax(tenant.admin, fax_id=fax.pk)
    return fax.pk


def _upload(tenant: Tenant, role: Role) -> Any:
    documents = [papers.incoming(papers.pdf())]
    return prepare_upload(tenant.actor(role), documents=documents, quality="fine").pk


def _draft(tenant: Tenant, role: Role) -> Any:
    return save_draft(tenant.actor(role), typed={"to": MARKER}).pk


def _exported(tenant: Tenant, work: Work) -> Any:
    made = request_export(tenant.admin)
    work.run()
    return made.pk


def _passkey(user: User) -> int:
    facts = {"name": "Key", "credential": {}}
    kept = Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=facts)
    return int(kept.pk)
