"""Faxes by folder: handed in, followed, looked at, sent once more, stripped, deleted."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from typing import Any, ClassVar, Final
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from accounts.roles import Role
from accounts.services import people
from accounts.services.sharing import record_provider_look
from accounts.services.support import record_support_look
from faxes.api.common.content import NotAcceptable, content_answer, preferred
from faxes.api.kazoo import fax_documents as told
from faxes.api.kazoo.base import KazooView
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import BadIdentifier, Said
from faxes.api.kazoo.filters import Filters, read_filters
from faxes.api.kazoo.lists import Row, listed_from, read_asked
from faxes.api.kazoo.sending import box_id_of, read_changes, read_job
from faxes.enums import FaxState
from faxes.errors import FaxNotFound, MoveNotAllowed
from faxes.parts import is_later_part
from faxes.queries.fax_ids import FaxFilter
from faxes.queries.folders import STATES, Folder, Record, folder_page, record_for, record_of_new
from faxes.queries.numbers import faxbox_for
from faxes.services import pages, privacy
from faxes.services.send_again import send_again
from faxes.services.submit import submit_fax
from faxes.wire.kazoo import STATUS, is_month_of, plain, read_of_month, read_plain

ORIGIN: Final = "kazoo"
_TIFF: Final = "image/tiff"
_PDF: Final = "application/pdf"
_IN_LISTS: Final[Mapping[Folder, Callable[[Record], dict[str, Any]]]] = {
    Folder.OUTGOING: told.summary,
    Folder.OUTBOX: told.finished,
    Folder.INBOX: told.arrived,
    Folder.INCOMING: told.arrived,
}
# What each state is called at times: a job is "pending" also while its document is fetched.
_ALSO: Final = {"pending": FaxState.PREPARING}


class FaxView(KazooView):
    """An address of faxes; also of those of one faxbox, or of one person."""

    folder: ClassVar[Folder]
    _box: Any = None
    _person: UUID | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass who asks for faxes of a faxbox or a person that there is."""
        super().initial(request, *args, **kwargs)
        if written := self.kwargs.pop("faxbox", ""):
            self._box = self._faxbox(written)
        if written := self.kwargs.pop("user", ""):
            self._person = read_plain(written)
            if self._person is None or not people.is_of(self.actor, user_id=self._person):
                raise BadIdentifier(written)

    def _faxbox(self, written: str) -> Any:
        key = read_plain(written)
        if key is None:
            raise BadIdentifier(written)
        try:
            return faxbox_for(self.actor, key)
        except FaxNotFound:
            raise BadIdentifier(written) from None

    def record(self, fax: str) -> Record:
        """The fax of an id in this folder.

        Raises:
            BadIdentifier: there is none of this id, or it is not there yet, or any more.
            Said: it is a fax that went the other way.

        """
        record_provider_look(self.actor)
        key, month = read_plain(fax), ""
        if self.folder != Folder.OUTGOING:
            of_month = read_of_month(fax)
            key, month = of_month or (key if self.folder == Folder.INCOMING else None, "")
        if key is None:
            raise BadIdentifier(fax)
        try:
            found = record_for(self.actor, key)
        except FaxNotFound:
            raise BadIdentifier(fax) from None
        if month and not is_month_of(month, found.fax.created_at):
            raise BadIdentifier(fax)
        if not self._is_of(found):
            raise BadIdentifier(fax)
        if found.folder == self.folder:
            return found
        if self.folder == Folder.INCOMING or {found.folder, self.folder} == _KEPT:
            raise Said(f"document is not in folder {self.folder.value}")
        raise BadIdentifier(fax)

    def listing(self, request: Request) -> Answer:
        """The faxes of this folder."""
        record_provider_look(self.actor)
        filters, asked = read_filters(request), read_asked(request)
        shown = replace(_narrowed(self.folder, filters), oldest_first=asked.oldest_first)
        shown = replace(shown, person=self._person)
        if not self.actor.sees_numbers:  # only what is told of them is looked at
            shown = replace(shown, number="")
        if self._box is not None:
            shown = replace(shown, faxbox_id=self._box.pk)
        tell = _IN_LISTS[self.folder]

        def portion(behind: UUID | None, size: int) -> tuple[Sequence[Row], bool]:
            page = folder_page(self.actor, self.folder, shown, behind=behind, size=size)
            rows = [Row(each.fax.pk, tell(each), told.changed_at(each)) for each in page.records]
            return rows, page.more

        return listed_from(request, portion, asked, filters)

    def _is_of(self, found: Record) -> bool:
        """Whether a fax is of the faxbox, or the person, of the address."""
        fax = found.fax
        if self._box is not None and fax.faxbox_id != self._box.pk:
            return False
        return self._person is None or self._person in {fax.created_by, fax.faxbox.owner_id}

    def _job_answer(self, fax: Any, *, with_result: bool = True) -> Answer:
        record = record_of_new(self.actor, fax)
        where = f"/v2/accounts/{plain(self.actor.account_id)}/faxes/outgoing/{plain(fax.pk)}"
        return Answer(told.new_job(record, with_result=with_result), location=where)


_KEPT: Final = {Folder.OUTBOX, Folder.INBOX}


class Faxes(FaxView):
    """Where faxes are handed in."""

    folder = Folder.OUTGOING
    with_files = frozenset({"put"})

    def put(self, request: Request) -> Answer:
        """Send a fax: with its document, or with the address where that lies."""
        del request
        data = self.data
        box = self._box
        if box is None and (named := box_id_of(data)):
            box = self._faxbox(named)
        wanted = read_job(data, self.body.upload, box)
        made = submit_fax(self.actor, request=wanted, origin=ORIGIN)
        return self._job_answer(made[0])


class Outgoing(Faxes):
    """Faxes under way."""

    def get(self, request: Request) -> Answer:
        """The faxes that have not ended, in short."""
        return self.listing(request)


class OutgoingOne(FaxView):
    """A fax under way. It cannot be taken back in this dialect."""

    folder = Folder.OUTGOING

    def get(self, request: Request, fax: str) -> Answer:
        """The job, until it has ended."""
        del request
        return Answer(told.outgoing(self.record(fax)))


class Kept(FaxView):
    """A folder of faxes that have ended."""

    def get(self, request: Request) -> Answer:
        """The faxes, whole."""
        return self.listing(request)


class KeptOne(FaxView):
    """A fax that has ended; with an ``action`` its pages are sent once more."""

    action: ClassVar[str]
    failed: ClassVar[str]

    def get(self, request: Request, fax: str) -> Answer:
        """The fax."""
        del request
        record = self.record(fax)
        return Answer({**_IN_LISTS[self.folder](record), "_read_only": told.read_only(record)})

    def put(self, request: Request, fax: str) -> Answer:
        """Send its pages once more."""
        del request
        record = self.record(fax)
        action = self.body.text("action")
        if not action:
            raise Said("action required")
        if action != self.action:
            raise Said("invalid action")
        changes = read_changes(self.body.data)
        try:
            made = send_again(self.actor, fax_id=record.fax.pk, changes=changes, origin=ORIGIN)
        except (MoveNotAllowed, FaxNotFound):
            raise Said(self.failed) from None
        return self._job_answer(made, with_result=False)

    def delete(self, request: Request, fax: str) -> Answer:
        """Delete it, with all that belongs to it."""
        del request
        record = self.record(fax)
        with suppress(FaxNotFound):  # somebody else did a moment ago
            privacy.delete_fax(self.actor, fax_id=record.fax.pk)
        document = _IN_LISTS[self.folder](record)
        return Answer({**document, "_read_only": {"deleted": True}})


class Attachment(FaxView):
    """The pages of a fax that has ended."""

    opens_pages = frozenset({"get"})

    def get(self, request: Request, fax: str) -> HttpResponseBase:
        """The pages as PDF, or as TIFF if that is what is accepted."""
        record = self.record(fax)
        if self.actor.role == Role.SUPPORT:
            looked_at = ("fax", record.fax.pk)
            record_support_look(self.actor, page="fax-attachment", looked_at=looked_at)
        form = _form(request)
        try:
            file = pages.fax_file(
                self.actor,
                fax_id=record.fax.pk,
                form="tiff" if form == _TIFF else "pdf",
                later_part=is_later_part(request),
            )
            made = f"{record.fax.created_at.astimezone(UTC):%Y%m%d%H%M%S}"
            name = f"fax_document_{made}.{'tiff' if form == _TIFF else 'pdf'}"
            answer = content_answer(request, replace(file, name=name))
        except FaxNotFound:
            raise BadIdentifier(fax) from None
        if answer.has_header("Content-Disposition"):
            inline = request.query_params.get("disposition", "") == "inline"
            way = "inline" if inline else "attachment"
            answer["Content-Disposition"] = f"{way}; filename={name}"
        patch_vary_headers(answer, ["Accept"])
        return answer

    def delete(self, request: Request, fax: str) -> Answer:
        """Remove documents and pages; what is known of the fax stays."""
        del request
        record = self.record(fax)
        if record.fax.stripped_at is not None:
            raise BadIdentifier(fax)
        privacy.strip_fax(self.actor, fax_id=record.fax.pk)
        return Answer({})


class Outbox(Kept):
    """Faxes that went out, or did not."""

    folder = Folder.OUTBOX


class OutboxOne(KeptOne):
    """A fax that went out, or did not."""

    folder = Folder.OUTBOX
    action = "resubmit"
    failed = "error when resubmitting fax"


class OutboxAttachment(Attachment):
    """The pages of a fax that went out."""

    folder = Folder.OUTBOX


class Inbox(Kept):
    """Faxes that came in."""

    folder = Folder.INBOX


class InboxOne(KeptOne):
    """A fax that came in."""

    folder = Folder.INBOX
    action = "forward"
    failed = "error when forwarding fax"


class InboxAttachment(Attachment):
    """The pages of a fax that came in."""

    folder = Folder.INBOX


class Incoming(Kept):
    """Faxes that are just coming in."""

    folder = Folder.INCOMING


class IncomingOne(FaxView):
    """A fax that is just coming in."""

    folder = Folder.INCOMING

    def get(self, request: Request, fax: str) -> Answer:
        """The fax, with the pages so far."""
        del request
        return Answer(told.arrived(self.record(fax)))


def _narrowed(folder: Folder, filters: Filters) -> FaxFilter:
    """What a database can look up of the filters; all of them are asked once more of what is told.

    A value that no fax can have narrows to nothing that is told either.
    """
    shown = FaxFilter(since=filters.since, until=filters.until)
    boxes = filters.equal.get("faxbox_id", ())
    if len(boxes) == 1 and (key := read_plain(boxes[0])) is not None:
        shown = replace(shown, faxbox_id=key)
    numbers = filters.equal.get("to_number") or filters.equal.get("to") or ()
    if len(numbers) == 1 and numbers[0].startswith("+") and "•" not in numbers[0]:
        shown = replace(shown, number=numbers[0][:20])
    words = set(filters.equal.get("status", ()))
    plain_words = words & set(STATUS.values())
    if words and words == plain_words:
        states = [each for each in STATES[folder] if STATUS[each] in words]
        states += [state for word, state in _ALSO.items() if word in words]
        shown = replace(shown, states=tuple(dict.fromkeys(states)))
    return shown


def _form(request: Request) -> str:
    """The form that is accepted; PDF where neither is, since there is nothing else to give."""
    try:
        return preferred(request, [_PDF, _TIFF])
    except NotAcceptable:
        return _PDF
