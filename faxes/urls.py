"""Addresses of the portal's pages."""

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, include, path

from faxes.portal import (
    access,
    brand,
    compose,
    covers,
    export,
    fax,
    files,
    inbox,
    outbox,
    styleguide,
    tenant_faxes,
)

Routes = Sequence[URLPattern | URLResolver]

_one_fax: Routes = [
    path("", fax.fax_page, name="fax"),
    path("row/", fax.fax_row, name="fax-row"),
    path("status/", fax.fax_status, name="fax-status"),
    path("cancel/", fax.fax_cancel, name="fax-cancel"),
    path("resend/", fax.fax_resend, name="fax-resend"),
    path("forward/", fax.fax_forward, name="fax-forward"),
    path("strip/", fax.fax_strip, name="fax-strip"),
    path("delete/", fax.fax_delete, name="fax-delete"),
    path("read/", fax.fax_read, name="fax-read"),
    path("document.pdf", files.document_pdf, name="fax-document-pdf"),
    path("document.tiff", files.document_tiff, name="fax-document-tiff"),
    path("pages/<int:page>.png", files.page_png, name="fax-page"),
    path("report.pdf", files.report_pdf, name="fax-report-pdf"),
]
_covers: Routes = [
    path("", covers.covers, name="covers"),
    path("new/", covers.cover_new, name="cover-new"),
    path("preview/", covers.cover_preview, name="cover-preview"),
    path("<uuid:cover>/", covers.cover_edit, name="cover"),
    path("<uuid:cover>/delete/", covers.cover_delete, name="cover-delete"),
    path("<str:cover>/page.png", covers.cover_picture, name="cover-picture"),
]
_account: Routes = [
    path("compose/", compose.compose, name="compose"),
    path("compose/preview/", compose.compose_preview, name="compose-preview"),
    path("compose/cover.png", compose.compose_cover, name="compose-cover"),
    path("brand/", brand.brand, name="brand"),
    path("brand/host/", brand.brand_host, name="brand-host"),
    path("covers/", include(_covers)),
    path("uploads/<uuid:upload>/pages/<int:page>.png", compose.upload_page, name="upload-page"),
    path("team/faxboxes/", access.access, name="access"),
    path("team/faxboxes/<uuid:faxbox>/", access.access_set, name="access-set"),
    path("tenants/<uuid:tenant>/faxes/", tenant_faxes.tenant_faxes, name="tenant-faxes"),
    path("export/", export.export_page, name="export"),
    path("export/start/", export.export_start, name="export-start"),
    path("export/<uuid:export>/<int:part>/", export.export_part, name="export-part"),
    path("closing/", export.closing, name="closing"),
    path("closing/start/", export.closing_start, name="closing-start"),
    path("closing/<uuid:export>/<int:part>/", export.closing_part, name="closing-part"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("faxes/<uuid:fax>/", include(_one_fax)),
]
urlpatterns = [
    path("a/<uuid:account>/", include(_account)),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
