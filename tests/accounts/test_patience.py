"""Those who wait leave threads for those who do not, whatever they wait for."""

from threading import BoundedSemaphore

from accounts import patience


def test_kinds_of_waiting_share_their_places_and_give_them_back():
    streams, documents = BoundedSemaphore(2), BoundedSemaphore(2)
    took = [patience.taken(each) for each in (streams, streams, streams, documents, documents)]
    assert took == [True, True, False, True, False]
    patience.give_back(streams)
    assert patience.taken(documents)
    assert not patience.taken(streams), "all places are taken, though not all of its own"
    for each in (streams, documents, documents):
        patience.give_back(each)
    assert all(patience.taken(each) for each in (streams, streams, documents))
    for each in (streams, streams, documents):
        patience.give_back(each)
