"""Takes a guard of the portal away, to see that the tests would notice its absence."""

from typing import Any
from uuid import uuid4


def take_away(name: str) -> None:
    """Run this process without one guard."""
    if name:
        {
            "place": _place_whatever_became_of_the_try,
            "arrival": _arrivals_have_no_key,
            "note": _store_unnoted,
        }[name]()


def _place_whatever_became_of_the_try() -> None:
    from faxes.models import LineCall  # noqa: PLC0415 (after setup)
    from faxes.services import exchange, transmit  # noqa: PLC0415

    def place(_book: Any, fax: Any) -> str:
        call, _ = LineCall.objects.get_or_create(key=fax.key, defaults=exchange._entry(fax))
        return str(call.pk)

    exchange.Book.place = place  # type: ignore[method-assign,assignment]
    transmit.is_open = lambda attempt: attempt is not None


def _arrivals_have_no_key() -> None:
    from faxes import lifecycle  # noqa: PLC0415 (after setup)

    begin = lifecycle.begin

    def begin_anew(faxes: Any, **named: Any) -> None:
        for fax in faxes:
            if fax.carrier_ref:
                fax.carrier_ref = str(uuid4())
        begin(faxes, **named)

    lifecycle.begin = begin_anew


def _store_unnoted() -> None:
    from faxes import vault  # noqa: PLC0415 (after setup)

    class Nothing:
        class objects:  # noqa: N801 (as a manager is called)
            create = filter = staticmethod(lambda **_: Nothing)

        delete = staticmethod(lambda: None)
        values_list = staticmethod(lambda *_, **__: ())

    vault.Erasure = Nothing  # type: ignore[assignment,attr-defined]
