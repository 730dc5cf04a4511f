"""The portal's own words for faxes: states, outcomes, qualities, error codes. No Django here."""

from enum import StrEnum


class Direction(StrEnum):
    """Which way a fax goes, seen from its account."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class FaxState(StrEnum):
    """The one set of states; every dialect is a projection of it, none is stored."""

    PREPARING = "preparing"
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVING = "receiving"
    RECEIVED = "received"


TERMINAL_STATES = frozenset(
    {FaxState.DELIVERED, FaxState.FAILED, FaxState.CANCELED, FaxState.RECEIVED}
)
CONNECTED_PHASES = frozenset({"connected", "page"})  # of a call that was answered


class BroadcastState(StrEnum):
    """Where a broadcast stands; worked out of its times and its faxes, and not stored."""

    PREPARING = "preparing"  # its documents become fax pages
    SCHEDULED = "scheduled"
    SENDING = "sending"
    DONE = "done"  # every fax has ended
    CANCELED = "canceled"
    FAILED = "failed"  # its documents cannot become fax pages


class RecipientState(StrEnum):
    """Where one recipient of a broadcast stands; once sent on, its fax tells the rest."""

    WAITING = "waiting"
    SENT_ON = "sent_on"  # it has its fax
    REFUSED = "refused"  # it could not be paid for, or a limit was reached
    CANCELED = "canceled"


class RecipientStatus(StrEnum):
    """What is told of a recipient: its own state, or that of its fax."""

    WAITING = "waiting"
    REFUSED = "refused"
    CANCELED = "canceled"
    PREPARING = "preparing"
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DELETED = "deleted"  # its fax was deleted


class Held(StrEnum):
    """Why a fax waits for a second person's approval."""

    PAGES = "pages"  # it is long
    NUMBER = "number"  # nothing was ever delivered there, and it is nobody in the address book
    PROGRAM = "program"
    MAIL = "mail"


class Outcome(StrEnum):
    """How one attempt, and in the end a fax, came out."""

    DELIVERED = "delivered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NO_CARRIER = "no_carrier"  # answered, but no fax machine
    DIAL_FAILED = "dial_failed"  # the number cannot be reached
    TRANSMIT_ERROR = "transmit_error"  # the session broke
    CANCELED = "canceled"
    INTERNAL_ERROR = "internal_error"
    UNKNOWN = "unknown"  # handed over, never heard back, and the carrier cannot be asked
    HANDED_OVER = "handed_over"  # its carrier took it, and never tells more


class Happening(StrEnum):
    """What of a fax, or a mail that was to be one, is told in one word to those who know such."""

    CAME_IN = "inbound_fax"
    CAME_IN_BROKEN = "inbound_fax_error"
    WENT_OUT = "outbound_fax"
    NEVER_WENT_OUT = "outbound_fax_error"
    MAIL_REFUSED = "outbound_smtp_fax_error"


class Step(StrEnum):
    """How far a fax is that has not ended, to those who are told of it alone."""

    WAITING = "waiting"
    TRYING = "trying"
    CONNECTED = "connected"


class Quality(StrEnum):
    """Vertical resolution of a page, T.4: about 98, 196 or 391 lines an inch, 204 dots across."""

    STANDARD = "standard"
    FINE = "fine"
    SUPERFINE = "superfine"


class Paper(StrEnum):
    """The sheet that a page is laid out on."""

    A4 = "a4"
    LETTER = "letter"
    LEGAL = "legal"


class DocumentRole(StrEnum):
    """What a stored document is to its fax."""

    SOURCE = "source"  # as uploaded
    COVER = "cover"  # the template of its cover page, complete but for the facts of the fax
    BODY = "body"  # the fax pages of the sources, until the cover is put before them
    RENDERED = "rendered"  # the fax TIFF: exactly what goes over the line
    RECEIVED = "received"  # the fax TIFF that came over the line


class LabelColour(StrEnum):
    """What labels may look like."""

    GREY = "grey"
    RED = "red"
    ORANGE = "orange"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"


class ErrorCode(StrEnum):
    """Everything that a user can be told is wrong; the sentences are in ``wording.py``."""

    # documents
    DOCUMENT_EMPTY = "document_empty"
    DOCUMENT_TYPE_UNSUPPORTED = "document_type_unsupported"
    DOCUMENT_UNREADABLE = "document_unreadable"
    DOCUMENT_ENCRYPTED = "document_encrypted"
    DOCUMENT_NO_PAGES = "document_no_pages"
    DOCUMENT_TOO_MANY_PAGES = "document_too_many_pages"
    DOCUMENT_TOO_MANY_PIXELS = "document_too_many_pixels"
    DOCUMENT_TOO_LARGE = "document_too_large"
    DOCUMENT_OUTPUT_TOO_LARGE = "document_output_too_large"
    DOCUMENT_TOO_SLOW = "document_too_slow"
    DOCUMENT_TOO_MUCH_MEMORY = "document_too_much_memory"
    DOCUMENT_MISSING = "document_missing"
    TOO_MANY_DOCUMENTS = "too_many_documents"
    UPLOAD_NOT_FOUND = "upload_not_found"
    PAGES_INVALID = "pages_invalid"
    NO_PAGES_LEFT = "no_pages_left"
    TOO_MANY_DRAFTS = "too_many_drafts"
    # numbers
    NUMBER_MISSING = "number_missing"
    NUMBER_INVALID = "number_invalid"
    TOO_MANY_NUMBERS = "too_many_numbers"
    FROM_NUMBER_GONE = "from_number_gone"
    FROM_NUMBER_NOT_YOURS = "from_number_not_yours"
    NUMBERS_MISSING = "numbers_missing"
    NUMBERS_UNREADABLE = "numbers_unreadable"
    NUMBERS_CHANGED = "numbers_changed"
    NUMBER_UNDER_WAY = "number_under_way"
    TOO_MANY_NUMBERS_CHOSEN = "too_many_numbers_chosen"
    FAXBOX_UNCLEAR = "faxbox_unclear"
    FAXBOX_NAME_MISSING = "faxbox_name_missing"
    FAXBOX_STATION_INVALID = "faxbox_station_invalid"
    FAXBOX_HEADER_INVALID = "faxbox_header_invalid"
    TIME_ZONE_INVALID = "time_zone_invalid"
    TOO_MANY_FAXBOXES = "too_many_faxboxes"
    FAXBOX_HAS_NUMBERS = "faxbox_has_numbers"
    FAXBOX_HAS_FAXES = "faxbox_has_faxes"
    EXTENSION_INVALID = "extension_invalid"
    EXTENSION_TAKEN = "extension_taken"
    EXTENSION_UNKNOWN = "extension_unknown"
    OWNER_NOT_MEMBER = "owner_not_member"
    MAIL_ADDRESS_INVALID = "mail_address_invalid"
    MAIL_ADDRESS_TAKEN = "mail_address_taken"
    MAIL_ADDRESS_OURS = "mail_address_ours"
    MAIL_SENDER_INVALID = "mail_sender_invalid"
    MAIL_PAGES_INVALID = "mail_pages_invalid"
    SMS_NUMBER_INVALID = "sms_number_invalid"
    CALLBACK_INVALID = "callback_invalid"
    TOO_MANY_ENTRIES = "too_many_entries"
    ECHO_TOO_LARGE = "echo_too_large"
    # what is asked for
    FAXBOX_NOT_FOUND = "faxbox_not_found"
    SEND_AT_INVALID = "send_at_invalid"
    QUALITY_INVALID = "quality_invalid"
    RETRIES_INVALID = "retries_invalid"
    CURSOR_INVALID = "cursor_invalid"
    DATE_INVALID = "date_invalid"
    STATUS_INVALID = "status_invalid"
    FROM_NUMBER_MISSING = "from_number_missing"
    OPTION_UNSUPPORTED = "option_unsupported"
    NO_CARRIER_FOR_NUMBER = "no_carrier_for_number"
    CARRIERS_DOWN = "carriers_down"
    # carriers
    CARRIER_NOT_FOUND = "carrier_not_found"
    CARRIER_NAME_MISSING = "carrier_name_missing"
    CARRIER_SETTING_MISSING = "carrier_setting_missing"
    CARRIER_SETTING_INVALID = "carrier_setting_invalid"
    CARRIER_IN_USE = "carrier_in_use"
    CARRIER_BEING_ASKED = "carrier_being_asked"
    TOO_MANY_CARRIERS = "too_many_carriers"
    ROUTE_INVALID = "route_invalid"
    ROUTE_TAKEN = "route_taken"
    TOO_MANY_ROUTES = "too_many_routes"
    TEXT_TOO_LONG = "text_too_long"
    METADATA_INVALID = "metadata_invalid"
    NOTIFY_TOO_MANY = "notify_too_many"
    TOO_MANY_LINES = "too_many_lines"
    # cover pages
    COVER_NOT_FOUND = "cover_not_found"
    COVER_NAME_MISSING = "cover_name_missing"
    COVER_NAME_TAKEN = "cover_name_taken"
    TOO_MANY_COVERS = "too_many_covers"
    COVER_TAG_UNREADABLE = "cover_tag_unreadable"
    COVER_NAME_UNKNOWN = "cover_name_unknown"
    COVER_SECTION_UNBALANCED = "cover_section_unbalanced"
    COVER_TOO_LONG = "cover_too_long"
    COVER_UNUSABLE = "cover_unusable"
    COVERED_TOO_LARGE = "covered_too_large"
    LOGO_UNUSABLE = "logo_unusable"
    LOGO_TOO_LARGE = "logo_too_large"
    # the address book
    CONTACT_NOT_FOUND = "contact_not_found"
    EMAIL_INVALID = "email_invalid"
    GROUP_NOT_FOUND = "group_not_found"
    GROUP_NAME_MISSING = "group_name_missing"
    GROUP_NAME_TAKEN = "group_name_taken"
    TOO_MANY_CONTACTS = "too_many_contacts"
    TOO_MANY_GROUPS = "too_many_groups"
    TOO_MANY_MEMBERS = "too_many_members"
    BOOK_EMPTY = "book_empty"
    BOOK_EXPIRED = "book_expired"
    BOOK_UNREADABLE = "book_unreadable"
    BOOK_TOO_LARGE = "book_too_large"
    BOOK_COLUMN_MISSING = "book_column_missing"
    # numbers that nothing is to be sent to
    DO_NOT_FAX = "do_not_fax"
    DO_NOT_FAX_LISTED = "do_not_fax_listed"
    TOO_MANY_DO_NOT_FAX = "too_many_do_not_fax"
    # order among faxes
    LABEL_NOT_FOUND = "label_not_found"
    LABEL_NAME_MISSING = "label_name_missing"
    LABEL_NAME_TAKEN = "label_name_taken"
    LABEL_COLOUR_INVALID = "label_colour_invalid"
    TOO_MANY_LABELS = "too_many_labels"
    NOTE_EMPTY = "note_empty"
    TOO_MANY_NOTES = "too_many_notes"
    VIEW_NAME_MISSING = "view_name_missing"
    VIEW_NOT_NARROWED = "view_not_narrowed"
    TOO_MANY_VIEWS = "too_many_views"
    NO_FAXES_CHOSEN = "no_faxes_chosen"
    TOO_MANY_FAXES_CHOSEN = "too_many_faxes_chosen"
    TOO_MANY_PAGES_CHOSEN = "too_many_pages_chosen"
    NO_PAGES_CHOSEN = "no_pages_chosen"
    # broadcasts
    RECIPIENTS_INVALID = "recipients_invalid"
    TOO_MANY_BROADCASTS = "too_many_broadcasts"
    BROADCAST_FINISHED = "broadcast_finished"
    BROADCAST_NOT_FINISHED = "broadcast_not_finished"
    BROADCAST_MISSED_NOBODY = "broadcast_missed_nobody"
    # addresses on the internet
    URL_INVALID = "url_invalid"
    URL_NOT_ALLOWED = "url_not_allowed"
    URL_UNREACHABLE = "url_unreachable"
    URL_INSECURE = "url_insecure"
    URL_TOO_SLOW = "url_too_slow"
    URL_TOO_LARGE = "url_too_large"
    URL_REFUSED = "url_refused"
    URL_TYPE = "url_type"
    URL_REDIRECTED = "url_redirected"
    FETCH_BUSY = "fetch_busy"
    # money and limits
    INSUFFICIENT_CREDIT = "insufficient_credit"
    RATE_MISSING = "rate_missing"
    PLAN_USED_UP = "plan_used_up"
    PROVIDER_CANNOT_PAY = "provider_cannot_pay"
    LIMIT_PAGES_DAY = "limit_pages_day"
    LIMIT_PAGES_MONTH = "limit_pages_month"
    LIMIT_PAGES_FAX = "limit_pages_fax"
    LIMIT_AT_ONCE = "limit_at_once"
    LIMIT_STORAGE = "limit_storage"
    # moves that are not allowed
    FAX_ON_THE_LINE = "fax_on_the_line"
    FAX_FINISHED = "fax_finished"
    FAX_NOT_FINISHED = "fax_not_finished"
    FAX_CAME_IN = "fax_came_in"
    DOCUMENTS_GONE = "documents_gone"
    TIME_IS_UP = "time_is_up"
    FAX_NOT_WAITING = "fax_not_waiting"
    SEND_AT_TOO_LATE = "send_at_too_late"
    LEGAL_HOLD = "legal_hold"
    # how long faxes are kept
    LEGAL_HOLD_REASON = "legal_hold_reason"
    LEGAL_HOLD_LIFTED = "legal_hold_lifted"
    RETENTION_DAYS = "retention_days"
    RETENTION_ORDER = "retention_order"
    RETENTION_BOUNDS = "retention_bounds"
    RETENTION_LEAST = "retention_least"
    RETENTION_MOST = "retention_most"
    RETENTION_UNCONFIRMED = "retention_unconfirmed"
    # the whole
    INTERNAL_ERROR = "internal_error"


class MailRefusal(StrEnum):
    """Why a mail becomes no fax, in the words that mail programs and logs know."""

    NOT_FOUND = "Not Found"
    NOT_ALLOWED = "not allowed"
    INVALID_NUMBER = "invalid number"
    TOO_SMALL = "Message too small"
    TOO_LARGE = "Message too large"
    UNDECODABLE = "Message decode failed"
    SUSPENDED = "account suspended"
    AUTOMATIC = "automatic mail is not faxed"
    UNPROVEN = "sender is not proven"
    NOTHING_TO_FAX = "no valid attachment"
    WINMAIL = "winmail.dat"
    INTERNAL = "internal error"
