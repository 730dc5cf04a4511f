"""Rows of what, a file a concept."""

from faxes.models.attempt import Attempt, AttemptState
from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier, CarrierKind
from faxes.models.cover import CoverTemplate
from faxes.models.document import Document, Erasure, Upload
from faxes.models.event import Event
from faxes.models.fax import Fax
from faxes.models.faxbox import Faxbox, FaxboxAccess
from faxes.models.leaving import Export, ExportPart, WindUp
from faxes.models.line_call import LineCall, LineCallState
from faxes.models.number import Number
from faxes.models.tombstone import Tombstone

__all__ = [
    "Attempt",
    "AttemptState",
    "Carrier",
    "CarrierKind",
    "CoverTemplate",
    "Document",
    "Erasure",
    "Event",
    "Export",
    "ExportPart",
    "Fax",
    "Faxbox",
    "FaxboxAccess",
    "LineCall",
    "LineCallState",
    "Number",
    "TenantModel",
    "Tombstone",
    "Upload",
    "WindUp",
]
