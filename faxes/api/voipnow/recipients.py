"""Recipients as clients write them: numbers and extensions, as texts or as numbers of JSON."""

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from faxes.api.voipnow.errors import Told, VoipNowError
from faxes.errors import NumberError
from faxes.services.extensions import dialled

if TYPE_CHECKING:
    from faxes.models import Faxbox

_TIMES: Final = 10  # as often may each be there again


def read_recipients(written: Any, machine: "Faxbox") -> list[str]:
    """Where a fax from a machine is to go, each once, in their order.

    Raises:
        VoipNowError: they are none, too many, or one of them is none.

    """
    each = written if isinstance(written, list) else [written]
    most = settings.UAPI_RECIPIENTS
    if not each or len(each) > most * _TIMES:
        raise VoipNowError(Told.RECIPIENTS)
    try:
        found = list(dict.fromkeys(dialled(machine, _text(one)) for one in each))
    except NumberError:
        raise VoipNowError(Told.RECIPIENTS) from None
    if len(found) > most:
        raise VoipNowError(Told.RECIPIENTS)
    return found


def _text(one: Any) -> str:
    if isinstance(one, bool) or not isinstance(one, str | int):
        raise VoipNowError(Told.RECIPIENTS)
    return one if isinstance(one, str) else str(one)
