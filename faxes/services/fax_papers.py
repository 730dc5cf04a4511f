"""The stored files that faxes begin with: brought along or ahead, or those of another fax."""

from dataclasses import dataclass, field

from accounts.scoping import Actor
from faxes.enums import Direction, DocumentRole, ErrorCode
from faxes.errors import InvalidRequest, MoveNotAllowed, RequestError
from faxes.models import Document, Fax
from faxes.services import uploads
from faxes.services.documents import files_by_role
from faxes.services.intake import KeptFile
from faxes.services.order import Order
from faxes.services.remote_documents import DocumentUrl


@dataclass(frozen=True, slots=True)
class Papers:
    """The stored files that a fax begins with; of all but sources there is one or none.

    With ``rendered`` it is ready for the line; ``body`` are the pages that its cover goes before.
    ``gaps`` are the places among the sources of those that are fetched later.
    """

    sources: list[KeptFile]
    gaps: list[int] = field(default_factory=list)
    rendered: list[KeptFile] = field(default_factory=list)
    cover: list[KeptFile] = field(default_factory=list)
    body: list[KeptFile] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages will go, as far as is known yet."""
        parts = self.rendered or [*self.cover, *(self.body or self.sources)]
        return sum(part.pages for part in parts)

    def by_role(self) -> dict[DocumentRole, list[KeptFile]]:
        """The files by what they are to the fax."""
        return {
            DocumentRole.SOURCE: self.sources,
            DocumentRole.RENDERED: self.rendered,
            DocumentRole.COVER: self.cover,
            DocumentRole.BODY: self.body,
        }


def brought(
    wanted: Order, kept: list[KeptFile], cover: list[KeptFile], *, undoable: bool = False
) -> Papers:
    """The documents in order, and an upload's fax TIFF if its pages are just what will go.

    In the transaction that takes uploads over. What can be undone leaves them for that
    (``uploads.hold_for_undo``).

    Raises:
        InvalidRequest: an upload is gone.

    """
    taken = {}
    try:
        for key, upload in sorted(wanted.uploads.items()):  # two who take several never wait
            taken[key] = uploads.locked(upload)
    except RequestError as error:
        raise InvalidRequest((error,)) from None
    files, sources, gaps = iter(kept), list[KeptFile](), list[int]()
    for part in wanted.parts:
        if isinstance(part, DocumentUrl):
            gaps.append(len(sources) + len(gaps))
        else:
            sources += [next(files)] if part is None else uploads.documents_of(taken[part.pk])
    pages: list[KeptFile] = []
    for upload in taken.values():
        if wanted.goes_as(upload):
            pages = [uploads.files_of(upload)[1]]
        uploads.hand_over(upload, keep=[*uploads.documents_of(upload), *pages], undoable=undoable)
    if cover:
        return Papers(sources, gaps, cover=cover, body=pages)
    return Papers(sources, gaps, rendered=pages)


def copied(actor: Actor, *, fax: Fax, same_number: bool) -> Papers:
    """The documents of a fax, and its fax TIFF if it was ours and names nobody else.

    An arrival goes through conversion again: another machine's coding is not ours to send on. A
    cover tells of the number that it was sent to, so it stays behind when the pages go elsewhere.

    Raises:
        MoveNotAllowed: they were removed.

    """
    list(Document.objects.visible_to(actor).select_for_update().filter(fax=fax))
    files = files_by_role(fax)
    sources = files[DocumentRole.SOURCE] or files[DocumentRole.RECEIVED]
    unread = fax.direction == Direction.OUTBOUND and not fax.pages  # not all were fetched
    if unread or not sources:
        raise MoveNotAllowed(ErrorCode.DOCUMENTS_GONE)
    cover, rendered = files[DocumentRole.COVER], files[DocumentRole.RENDERED]
    if same_number or not cover:
        return Papers(sources, rendered=rendered, cover=cover)
    return Papers(sources)
