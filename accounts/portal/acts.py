"""The audit log's acts in plain words."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import moments
from accounts.services.amounts import plain

if TYPE_CHECKING:
    from accounts.models import AuditEntry

ACTS: Final[dict[str, Promise]] = {
    "sign_in": _("Signed in"),
    "sign_in.failed": _("Failed to sign in"),
    "sign_in.as_other": _("Signed in a program in somebody's place"),
    "sign_out": _("Signed out"),
    "sign_in.rules": _("Changed how people sign in"),
    "password.change": _("Changed the password"),
    "password.reset": _("Chose a new password by mail"),
    "second_step.codes_on": _("Set up codes as a second step"),
    "second_step.codes_off": _("Switched codes off"),
    "second_step.passkey_added": _("Added a passkey"),
    "second_step.passkey_removed": _("Removed a passkey"),
    "second_step.recovery_codes": _("Made new recovery codes"),
    "second_step.reset": _("Removed a lost second step"),
    "sessions.end": _("Signed out other devices"),
    "team.invite": _("Invited somebody"),
    "team.invite_again": _("Sent an invitation again"),
    "team.uninvite": _("Took an invitation back"),
    "team.join": _("Joined the account"),
    "team.create": _("Added a person"),
    "team.change": _("Changed something about a person"),
    "team.role": _("Changed a role"),
    "team.remove": _("Removed a person"),
    "account.change": _("Changed the account"),
    "account.language": _("Changed the account's language"),
    "steps.put_away": _("Put the first steps away"),
    "team.access": _("Changed who uses a fax machine"),
    "webhook.create": _("Added a webhook"),
    "webhook.change": _("Changed a webhook"),
    "webhook.delete": _("Deleted a webhook"),
    "webhook.rotate": _("Made a new secret for a webhook"),
    "webhook.test": _("Sent a test to a webhook"),
    "webhook.redeliver": _("Had messages of a webhook sent again"),
    "carrier.add": _("Added a carrier"),
    "carrier.change": _("Changed a carrier"),
    "carrier.in_service": _("Put a carrier back into service"),
    "carrier.out_of_service": _("Put a carrier out of service"),
    "carrier.remove": _("Removed a carrier"),
    "carrier.test": _("Tested a carrier"),
    "route.add": _("Added a route"),
    "route.change": _("Changed a route"),
    "route.remove": _("Removed a route"),
    "token.create": _("Made a token"),
    "token.revoke": _("Ended a token"),
    "program.connect": _("Let a program in"),
    "program.disconnect": _("Ended a program that was let in"),
    "program.replayed": _("Ended a program whose code or token was shown twice"),
    "api_key.show": _("Looked at the API key"),
    "tenant.provision": _("Set up an account"),
    "tenants.export": _("Exported the list of accounts"),
    "tenant.create": _("Made an account"),
    "tenant.rename": _("Renamed an account"),
    "tenant.move": _("Moved an account"),
    "tenant.suspend": _("Suspended an account"),
    "tenant.resume": _("Ended a suspension"),
    "tenant.close": _("Closed an account"),
    "tenant.reopen": _("Reopened an account"),
    "tenant.erase": _("Erased a closed account"),
    "account.export": _("Asked for an export of everything"),
    "account.export_fetched": _("Downloaded an export"),
    "money.top_up": _("Topped up an account"),
    "money.adjustment": _("Corrected a balance"),
    "billing.set": _("Changed how faxes are paid for"),
    "plan.create": _("Made a plan"),
    "plan.change": _("Changed a plan"),
    "plan.archive": _("Stopped offering a plan"),
    "plan.restore": _("Offered a plan again"),
    "plan.delete": _("Deleted a plan"),
    "deck.create": _("Made a price list"),
    "deck.rates": _("Changed prices"),
    "deck.rename": _("Renamed a price list"),
    "deck.export": _("Exported a price list"),
    "deck.delete": _("Deleted a price list"),
    "limits.set": _("Changed limits"),
    "usage.export": _("Exported usage and charges"),
    "numbers.import": _("Imported numbers"),
    "carrier.backfill": _("Had a carrier asked for faxes of the past"),
    "numbers.sync": _("Compared numbers with a carrier's list"),
    "numbers.export": _("Exported the list of numbers"),
    "numbers.assign": _("Assigned numbers"),
    "numbers.take_back": _("Took numbers back"),
    "numbers.release": _("Released numbers"),
    "numbers.lead": _("Changed where a number leads"),
    "numbers.webhook": _("Changed the program that is asked about a number's faxes"),
    "webhook.signing_key": _("Looked up or made the signing key of callbacks"),
    "faxbox.create": _("Added a fax machine"),
    "faxbox.change": _("Changed a fax machine"),
    "faxbox.delete": _("Deleted a fax machine"),
    "brand.set": _("Changed the branding"),
    "brand.domain_claim": _("Named a host of its own"),
    "brand.domain_prove": _("Showed that a host is its own"),
    "brand.domain_drop": _("Gave a host up"),
    "sharing.set": _("Changed what providers see"),
    "page_text.on": _("Switched on search in the pages of faxes"),
    "page_text.off": _("Switched off search in the pages of faxes"),
    "sharing.look": _("Looked at fax records, as the provider"),
    "support.grant": _("Granted support access"),
    "support.end": _("Ended support access"),
    "support.enter": _("Was inside an account with support access"),
    "support.look": _("Looked at a page with support access"),
    "audit.export": _("Exported the audit log"),
    "fax.send": _("Sent a fax"),
    "fax.view": _("Looked at a fax"),
    "fax.download": _("Downloaded a fax"),
    "fax.report": _("Downloaded a report"),
    "fax.tell": _("Told somebody of a fax"),
    "fax.tell_again": _("Had somebody told of a fax again"),
    "fax.cancel": _("Canceled a fax"),
    "fax.undo": _("Undid the sending of a fax"),
    "fax.approve": _("Approved a fax"),
    "fax.decline": _("Did not approve a fax"),
    "fax.not_approved": _("Ended a fax that nobody approved"),
    "legal_hold.place": _("Placed a legal hold"),
    "legal_hold.lift": _("Lifted a legal hold"),
    "retention.set": _("Changed how long faxes are kept"),
    "retention.bounds": _("Changed how long faxes may be kept"),
    "retention.run": _("Removed what had been kept long enough"),
    "account.sending": _("Changed how faxes are sent"),
    "fax.next_try": _("Changed when a fax is tried next"),
    "fax.send_elsewhere": _("Sent a fax to another number instead"),
    "fax.hang_up": _("Hung up on a fax"),
    "fax.receipt": _("Downloaded a deletion receipt"),
    "fax.strip": _("Stripped a fax of its pages"),
    "fax.delete": _("Deleted a fax"),
    "fax.archive": _("Archived a fax"),
    "fax.unarchive": _("Moved a fax back from the archive"),
    "fax.assign": _("Assigned a fax"),
    "fax.unassign": _("Assigned a fax to nobody"),
    "fax.label": _("Changed the labels of a fax"),
    "fax.note": _("Wrote a note on a fax"),
    "fax.note_delete": _("Deleted a note on a fax"),
    "label.create": _("Made a label"),
    "label.change": _("Changed a label"),
    "label.delete": _("Deleted a label"),
    "draft.save": _("Kept a draft of a fax"),
    "draft.delete": _("Removed a draft of a fax"),
    "view.save": _("Saved a view of a list"),
    "view.delete": _("Deleted a view of a list"),
    "fax.carrier_copy": _("Had a carrier delete its copy of a fax"),
    "fax.import": _("Brought past faxes over from a carrier"),
    "cover.create": _("Made a cover page"),
    "cover.change": _("Changed a cover page"),
    "cover.delete": _("Deleted a cover page"),
    "contact.create": _("Added a contact"),
    "contact.change": _("Changed a contact"),
    "contact.delete": _("Deleted a contact"),
    "contact_group.create": _("Made a group of contacts"),
    "contact_group.change": _("Changed a group of contacts"),
    "contact_group.delete": _("Deleted a group of contacts"),
    "contact.import": _("Imported contacts"),
    "contact.export": _("Exported contacts"),
    "contact.merge": _("Merged contacts"),
    "do_not_fax.add": _("Put a number on the do-not-fax list"),
    "do_not_fax.remove": _("Took a number off the do-not-fax list"),
    "broadcast.create": _("Began a broadcast"),
    "broadcast.send": _("Sent faxes of a broadcast"),
    "broadcast.cancel": _("Canceled a broadcast"),
    "broadcast.delete": _("Deleted a broadcast"),
    "broadcast.export": _("Downloaded the results of a broadcast"),
}

_MONEY: Final = frozenset({"amount", "credit_limit"})  # noted in micro-units


def words_of(entry: "AuditEntry") -> str:
    """What somebody did; as it is noted, where there are no words for it."""
    return str(ACTS.get(entry.action, entry.action.replace("_", " ").replace(".", ": ")))


def facts_of(entry: "AuditEntry") -> str:
    """What is noted beside an act, as words."""
    told = []
    for name, value in entry.facts.items():
        told.append(f"{name.replace('_', ' ')}: {_written(name, value)}")
    return "; ".join(told)


def _written(name: str, value: object) -> str:
    match value:
        case str() if name.endswith("_at"):
            return moments.tell(timezone.localtime(datetime.fromisoformat(value)), "long+minutes")
        case None:
            return str(_("none"))
        case bool():
            return str(_("yes") if value else _("no"))
        case int():
            return plain(value) if name in _MONEY else moments.count(value)
        case list():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)
