"""Broadcasts for tests: asked for, handed over without anything being dialled, looked at."""

from django.utils.module_loading import import_string

from accounts import clock
from faxes.errors import InvalidRequest
from faxes.models import Broadcast, BroadcastRecipient, Fax
from faxes.queries.broadcasts import broadcast_for
from faxes.services import broadcasting
from faxes.services.broadcasts import BroadcastRequest, create_broadcast
from faxes.services.recipients import RecipientRequest
from faxes.services.submit import FaxRequest
from tests import papers

GOOD, BUSY, GONE = "+12025550100", "+12025550101", "+12025550108"
OURS = ("broadcast", "convert", "erase")


def numbers(count):
    """Numbers for fiction, which nobody has."""
    return [f"+1{area}55501{line:02}" for area in range(203, 300) for line in range(100)][:count]


def asked(to, *, pages=1, group="", name="", **fax):
    fields = {"documents": [papers.incoming(papers.pdf(pages))], **fax}
    listed = [each if isinstance(each, RecipientRequest) else RecipientRequest(each) for each in to]
    wanted = FaxRequest(to="", **fields)
    return BroadcastRequest(fax=wanted, recipients=listed, group=group, name=name)


def begin(tenant, to, **more):
    return create_broadcast(tenant.admin, request=asked(to, **more), origin="test")


def refused(actor, request):
    """What is wrong with it; nothing of it is left."""
    try:
        create_broadcast(actor, request=request, origin="test")
    except InvalidRequest as error:
        assert not Broadcast.rows.exists()
        assert not BroadcastRecipient.rows.exists()
        return [(each.field, each.code) for each in error.errors]
    raise AssertionError("it was taken")


def job_of(work):
    return next((job for job in work.waiting if job[0].endswith(OURS)), None)


def step(work):
    """Do one job of a broadcast or of documents; whatever dials is left alone."""
    job = job_of(work)
    work.waiting.remove(job)
    import_string(job[0])(**job[1])


def hand_over(work, *, looks=20):
    """Do all such jobs, and look as often as the sweep would, at once."""
    for _ in range(looks):
        while job_of(work) is not None:
            step(work)
        if not Broadcast.rows.filter(wake_at__isnull=False).update(wake_at=clock.now()):
            return
        broadcasting.attend(clock.now())


def detail(tenant, broadcast):
    return broadcast_for(tenant.viewer, broadcast.pk)


def each_has_one_fax(broadcast, wanted):
    faxes = Fax.rows.filter(broadcast_id=broadcast.pk)
    assert sorted(faxes.values_list("to_number", flat=True)) == sorted(wanted)
    tied = BroadcastRecipient.rows.filter(broadcast=broadcast, fax__isnull=False)
    assert [each.number for each in tied] == [each.fax and each.fax.to_number for each in tied]
    assert len(tied) == len(wanted)
