"""Rows of what, a file a concept."""

from faxes.models.arrival_mark import ArrivalMark
from faxes.models.attempt import Attempt, AttemptState
from faxes.models.base import TenantModel
from faxes.models.broadcast import Broadcast, BroadcastRecipient
from faxes.models.carrier import (
    Carrier,
    CarrierCopy,
    CarrierKind,
    CarrierRoute,
    HistoryImport,
)
from faxes.models.contact import Contact, ContactGroup, GroupMember
from faxes.models.cover import CoverTemplate
from faxes.models.do_not_fax import DoNotFax
from faxes.models.document import Document, Erasure, Upload
from faxes.models.draft import FaxDraft
from faxes.models.event import Event
from faxes.models.far_end import FarEnd
from faxes.models.fax import Fax, FaxMetadata
from faxes.models.faxbox import Faxbox, FaxboxAccess, MailPages
from faxes.models.filing import FaxLabel, FaxNote, Label, SavedView
from faxes.models.inbound_mail import InboundMail, MailState
from faxes.models.lease import Lease
from faxes.models.leaving import Export, ExportPart, WindUp
from faxes.models.line_call import LineCall, LineCallState
from faxes.models.notification import (
    Channel,
    Notification,
    NotificationKind,
    NotificationState,
)
from faxes.models.number import Number, WebhookMethod
from faxes.models.page_text import PageText, PageWord
from faxes.models.remote_document import FetchMethod, RemoteDocument
from faxes.models.retention import LegalHold, RetentionRule, RetentionRun
from faxes.models.tombstone import DeletionMark, Tombstone

__all__ = [
    "ArrivalMark",
    "Attempt",
    "AttemptState",
    "Broadcast",
    "BroadcastRecipient",
    "Carrier",
    "CarrierCopy",
    "CarrierKind",
    "CarrierRoute",
    "Channel",
    "Contact",
    "ContactGroup",
    "CoverTemplate",
    "DeletionMark",
    "DoNotFax",
    "Document",
    "Erasure",
    "Event",
    "Export",
    "ExportPart",
    "FarEnd",
    "Fax",
    "FaxDraft",
    "FaxLabel",
    "FaxMetadata",
    "FaxNote",
    "Faxbox",
    "FaxboxAccess",
    "FetchMethod",
    "GroupMember",
    "HistoryImport",
    "InboundMail",
    "Label",
    "Lease",
    "LegalHold",
    "LineCall",
    "LineCallState",
    "MailPages",
    "MailState",
    "Notification",
    "NotificationKind",
    "NotificationState",
    "Number",
    "PageText",
    "PageWord",
    "RemoteDocument",
    "RetentionRule",
    "RetentionRun",
    "SavedView",
    "TenantModel",
    "Tombstone",
    "Upload",
    "WebhookMethod",
    "WindUp",
]
