"""Which pages of the documents of an upload go, in which order, and turned how.

A plan names each page by its number among all pages of the documents. Pages that are drawn
already are carried over as they are coded; only what is turned or put back is drawn, from the
document itself.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.scoping import Actor
from accounts.tenancy import require_sending
from faxes import vault
from faxes.documents import pipeline
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError, FaxError, InvalidRequest, RequestError
from faxes.models import Upload
from faxes.services import intake, uploads
from faxes.services.intake import IncomingFile, KeptFile
from faxes.services.order import read_quality
from faxes.services.order_parts import Part, pages_together, read_parts, spooled_parts
from faxes.services.remote_documents import DocumentUrl

_TRIES: Final = 5
_TURNS: Final = 4


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page that goes: its number among all pages of the documents, its turns clockwise."""

    page: int
    turns: int = 0


Plan = tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an upload is to become."""

    sources: Sequence[KeptFile]
    plan: Plan
    quality: Quality
    have: Mapping[Leaf, int]  # pages that are drawn already, and where in its fax TIFF they are


def plan_of(upload: Upload) -> Plan:
    """The pages of an upload that go, in order."""
    if upload.plan:
        return tuple(Leaf(page, turns) for page, turns in upload.plan)
    return _all_of(uploads.files_of(upload)[0])


def left_out(upload: Upload) -> list[int]:
    """The pages of an upload that do not go, by their numbers among all."""
    going = {leaf.page for leaf in plan_of(upload)}
    return [page for page in range(1, _total(uploads.files_of(upload)[0]) + 1) if page not in going]


def document_of(upload: Upload, page: int) -> tuple[str, int]:
    """The name of the document that a page is of, and its number within that."""
    before = 0
    for source in upload.sources:
        if page <= before + source["pages"]:
            return str(source["name"]), page - before
        before += source["pages"]
    raise _invalid()


def put_at(plan: Plan, *, page: int, place: int) -> Plan:
    """The plan with a page at a place, from 1; beyond either end is at that end."""
    leaf = _leaf(plan, page)
    rest = [each for each in plan if each != leaf]
    at = min(max(place, 1), len(plan)) - 1
    return (*rest[:at], leaf, *rest[at:])


def moved(plan: Plan, *, page: int, by: int) -> Plan:
    """The plan with a page so many places later, or earlier."""
    return put_at(plan, page=page, place=plan.index(_leaf(plan, page)) + 1 + by)


def turned(plan: Plan, *, page: int) -> Plan:
    """The plan with a page turned once more, a quarter clockwise."""
    leaf = _leaf(plan, page)
    anew = replace(leaf, turns=(leaf.turns + 1) % _TURNS)
    return tuple(anew if each == leaf else each for each in plan)


def without(plan: Plan, *, page: int) -> Plan:
    """The plan without a page."""
    leaf = _leaf(plan, page)
    return tuple(each for each in plan if each != leaf)


def with_again(plan: Plan, *, page: int) -> Plan:
    """The plan with a page that was left out, behind the one that it followed."""
    if any(leaf.page == page for leaf in plan):
        return plan
    before = [place for place, leaf in enumerate(plan, 1) if leaf.page < page]
    at = max(before, default=0)
    return (*plan[:at], Leaf(page), *plan[at:])


def change_pages(actor: Actor, *, upload_id: UUID | str, change: Callable[[Plan], Plan]) -> Upload:
    """Have other pages of an upload of the actor's go, or in another way.

    Raises:
        InvalidRequest: there is no such upload or page, no page is left, or one cannot be drawn.
        NotAllowed, AccountSuspended

    """

    def wanted(upload: Upload) -> _Wanted:
        sources, plan = uploads.files_of(upload)[0], change(plan_of(upload))
        _check(plan, sources)
        return _Wanted(sources, plan, Quality(upload.quality), _drawn(upload))

    return _changed(actor, str(upload_id), wanted)


def with_documents(
    actor: Actor,
    *,
    upload_id: str,
    documents: Sequence[IncomingFile | DocumentUrl],
    quality: Quality,
) -> Upload:
    """Put documents behind those of an upload, and have all of its pages in a quality.

    Raises:
        FaxError: there is no such upload, or a document cannot be faxed.

    """
    upload = _upload_for(actor, upload_id)
    paper = Paper(upload.paper)
    with spooled_parts(documents, owner=actor.account_id, paper=paper, fetching=True) as files:
        pages_together([upload], files)
        added = intake.keep(actor.account_id, files)

    def wanted(current: Upload) -> _Wanted:
        sources = [*uploads.files_of(current)[0], *added]
        if len(sources) > settings.MAX_DOCUMENTS:
            raise DocumentError(
                ErrorCode.TOO_MANY_DOCUMENTS, field="documents", limit=settings.MAX_DOCUMENTS
            )
        own = _total(sources) - sum(each.pages for each in added)
        plan = plan_of(current) + tuple(map(Leaf, range(own + 1, _total(sources) + 1)))
        _check(plan, sources)
        return _Wanted(
            sources, plan, quality, _drawn(current) if current.quality == quality else {}
        )

    try:
        return _remade(actor, upload, wanted)
    except BaseException as error:
        intake.drop(added)
        if isinstance(error, FaxError):
            error.field = "documents"
        raise


def upload_planned(
    actor: Actor,
    *,
    documents: Sequence[Part],
    pages: Sequence[tuple[int, int]],
    quality: str,
) -> Upload:
    """Documents as an upload of which just these pages go, in this order.

    ``pages`` names each by its number among all pages of the documents, with its quarter turns.
    Uploads among the documents stay as they are until they are sent themselves.

    Raises:
        InvalidRequest: a document cannot be faxed, or the pages are none of theirs.
        NotAllowed, AccountSuspended

    """
    account = require_sending(actor)
    paper, plan = Paper(account.paper), tuple(Leaf(page, turns) for page, turns in pages)
    parts, errors = read_parts(actor, documents=documents, upload_id="")
    if not parts and not errors:
        errors.append(RequestError(ErrorCode.DOCUMENT_MISSING, field="documents"))
    if errors:
        raise InvalidRequest(tuple(errors))
    kept: list[KeptFile] = []
    try:
        wanted = read_quality(quality)
        with spooled_parts(parts, owner=account.pk, paper=paper, fetching=True) as files:
            pages_together([each for each in parts if isinstance(each, Upload)], files)
            kept += intake.keep(account.pk, files)
        fresh, sources = iter(kept), list[KeptFile]()
        for part in parts:
            sources += uploads.documents_of(part) if isinstance(part, Upload) else [next(fresh)]
        _check(plan, sources, field="pages")
        stub = Upload(account_id=account.pk, paper=paper)
        rendered = _made(stub, _Wanted(sources, plan, wanted, {}))
        kept.append(rendered)
        return uploads.create_upload(
            replace(actor, request_key=None),  # it is the fax that the request makes
            sources=sources,
            rendered=rendered,
            quality=wanted,
            paper=paper,
            plan=_told(plan, sources),
        )
    except BaseException as error:
        intake.drop(kept)
        if isinstance(error, FaxError):
            raise InvalidRequest((error,)) from None
        raise


def without_document(actor: Actor, *, upload_id: UUID | str, position: int) -> Upload | None:
    """Remove a document of an upload, counted from 0; with the last, the upload goes: None.

    Raises:
        InvalidRequest: there is no such upload or document, or none of the others has pages left.
        NotAllowed, AccountSuspended

    """

    def wanted(upload: Upload) -> _Wanted:
        sources = uploads.files_of(upload)[0]
        if not 0 <= position < len(sources):
            raise _invalid()
        rest = [*sources[:position], *sources[position + 1 :]]
        before, own = _total(sources[:position]), sources[position].pages
        places = _drawn(upload)

        def then(leaf: Leaf) -> Leaf:
            return replace(leaf, page=leaf.page - own) if leaf.page > before + own else leaf

        left = [leaf for leaf in plan_of(upload) if not before < leaf.page <= before + own]
        plan = tuple(map(then, left)) or _all_of(rest)
        have = {then(leaf): places[leaf] for leaf in left}
        return _Wanted(rest, plan, Quality(upload.quality), have)

    try:
        upload = _upload_for(actor, str(upload_id))
    except FaxError as error:
        raise InvalidRequest((error,)) from None
    if len(upload.sources) == 1 and position == 0:
        require_sending(actor)
        uploads.discard(upload)
        return None
    return _changed(actor, str(upload_id), wanted)


def _changed(actor: Actor, upload_id: str, wanted: Callable[[Upload], _Wanted]) -> Upload:
    require_sending(actor)
    try:
        return _remade(actor, _upload_for(actor, upload_id), wanted)
    except FaxError as error:
        error.field = "documents"
        raise InvalidRequest((error,)) from None


def _remade(actor: Actor, upload: Upload, wanted: Callable[[Upload], _Wanted]) -> Upload:
    """Make an upload what is wanted of it; anew from what it is then if somebody was faster."""
    for _ in range(_TRIES):
        asked = wanted(upload)
        same = (asked.plan, list(asked.sources), asked.quality)
        if same == (plan_of(upload), uploads.files_of(upload)[0], upload.quality):
            return upload
        try:
            rendered = _made(upload, asked)
        except FileNotFoundError:  # somebody was faster, and what was read is gone
            upload = _upload_for(actor, str(upload.pk))
            continue
        try:
            done = uploads.replace(
                upload,
                sources=asked.sources,
                plan=_told(asked.plan, asked.sources),
                rendered=rendered,
                quality=asked.quality,
            )
        except RequestError:
            intake.drop([rendered])
            raise
        if done is not None:
            return done
        intake.drop([rendered])
        upload = _upload_for(actor, str(upload.pk))
    raise _invalid()


def _made(upload: Upload, asked: _Wanted) -> KeptFile:
    """The stored fax TIFF of what is asked for."""
    missing = sorted((leaf for leaf in asked.plan if leaf not in asked.have), key=lambda x: x.page)
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        folder = Path(name)
        former, fresh, out = folder / "former.tiff", folder / "fresh.tiff", folder / "fax.tiff"
        if len(missing) < len(asked.plan):
            vault.copy_out(upload.rendered["key"], former)
        if missing:
            named, only = _to_draw(asked.sources, missing, folder)
            pipeline.render(
                named,
                fresh,
                quality=asked.quality,
                paper=Paper(upload.paper),
                limits=intake.limits(),
                only=only,
            )
        drawn = {leaf: (fresh, number) for number, leaf in enumerate(missing, 1)}
        pages = [drawn.get(leaf) or (former, asked.have[leaf]) for leaf in asked.plan]
        pipeline.gather(pages, out)
        return intake.keep_one(upload.account_id, out, "", intake.FAX_TIFF, len(pages))


def _to_draw(
    sources: Sequence[KeptFile], leaves: Sequence[Leaf], folder: Path
) -> tuple[list[pipeline.NamedPath], list[tuple[int, int]]]:
    """Copies of the documents that pages are of, and where among theirs those are."""
    named: list[pipeline.NamedPath] = []
    only: list[tuple[int, int]] = []
    copied = 0
    ends = list(accumulate(source.pages for source in sources))
    for position, (source, end) in enumerate(zip(sources, ends, strict=True)):
        first = end - source.pages
        own = [leaf for leaf in leaves if first < leaf.page <= end]
        if not own:
            continue
        path = folder / str(position)
        vault.copy_out(source.key, path)
        named.append(pipeline.NamedPath(path, source.name))
        only += [(leaf.page - first + copied, leaf.turns) for leaf in own]
        copied += source.pages
    return named, only


def _upload_for(actor: Actor, upload_id: str) -> Upload:
    upload = uploads.upload_for(actor, written=upload_id)
    if upload is None:
        raise RequestError(ErrorCode.DOCUMENT_MISSING, field="documents")
    return upload


def _drawn(upload: Upload) -> dict[Leaf, int]:
    return {leaf: place for place, leaf in enumerate(plan_of(upload), 1)}


def _check(plan: Plan, sources: Sequence[KeptFile], *, field: str = "documents") -> None:
    """Let pass a plan that can be drawn.

    Raises:
        RequestError, DocumentError: a page is not there or there twice, none is left, or too many.

    """
    if not plan:
        raise RequestError(ErrorCode.NO_PAGES_LEFT, field=field)
    pages = [leaf.page for leaf in plan]
    known = all(1 <= leaf.page <= _total(sources) and 0 <= leaf.turns < _TURNS for leaf in plan)
    if not known or len(set(pages)) != len(pages):
        raise RequestError(ErrorCode.PAGES_INVALID, field=field)
    if len(plan) > settings.MAX_PAGES:
        raise DocumentError(
            ErrorCode.DOCUMENT_TOO_MANY_PAGES,
            field="documents",
            name=sources[-1].name,
            limit=settings.MAX_PAGES,
        )


def _told(plan: Plan, sources: Sequence[KeptFile]) -> list[list[int]]:
    """A plan as rows have it."""
    return [] if plan == _all_of(sources) else [[leaf.page, leaf.turns] for leaf in plan]


def _all_of(sources: Sequence[KeptFile]) -> Plan:
    return tuple(map(Leaf, range(1, _total(sources) + 1)))


def _total(sources: Sequence[KeptFile]) -> int:
    return sum(source.pages for source in sources)


def _leaf(plan: Plan, page: int) -> Leaf:
    for leaf in plan:
        if leaf.page == page:
            return leaf
    raise _invalid()


def _invalid() -> RequestError:
    return RequestError(ErrorCode.PAGES_INVALID, field="documents")
