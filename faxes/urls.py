"""Addresses of the portal's pages."""

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, include, path

from faxes.api.native import reference
from faxes.portal import (
    access,
    brand,
    carriers,
    carriers_routes,
    compose,
    covers,
    export,
    fax,
    faxboxes,
    files,
    inbox,
    mail_log,
    number_program,
    numbers,
    outbox,
    plans,
    pool,
    pool_import,
    share,
    styleguide,
    tenant_faxes,
    tenants,
    tenants_acts,
    tenants_bulk,
    tenants_new,
    tenants_one,
    today,
    told,
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
    path("notifications/<uuid:notification>/again/", told.tell_again, name="fax-tell-again"),
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
_tenant: Routes = [
    path("", tenants_one.tenant, name="tenant"),
    path("rename/", tenants_acts.tenant_rename, name="tenant-rename"),
    path("move/", tenants_acts.tenant_move, name="tenant-move"),
    path("suspend/", tenants_acts.tenant_suspend, name="tenant-suspend"),
    path("resume/", tenants_acts.tenant_resume, name="tenant-resume"),
    path("close/", tenants_acts.tenant_close, name="tenant-close"),
    path("reopen/", tenants_acts.tenant_reopen, name="tenant-reopen"),
    path("limits/", tenants_one.tenant_limits, name="tenant-limits"),
    path("invite/", tenants_one.tenant_invite, name="tenant-invite"),
    path(
        "invitations/<uuid:invitation>/resend/",
        tenants_one.tenant_invitation_resend,
        name="tenant-invitation-resend",
    ),
    path(
        "invitations/<uuid:invitation>/withdraw/",
        tenants_one.tenant_invitation_withdraw,
        name="tenant-invitation-withdraw",
    ),
]
_tenants: Routes = [
    path("", tenants.tenants, name="tenants"),
    path("tenants.csv", tenants.tenants_sheet, name="tenants-csv"),
    path("new/", tenants_new.tenant_new, name="tenant-new"),
    path("bulk/", tenants_bulk.tenants_bulk, name="tenants-bulk"),
    path("<uuid:tenant>/", include(_tenant)),
]
_pool: Routes = [
    path("", pool.number_list, name="tenants-numbers"),
    path("numbers.csv", pool.number_csv, name="tenants-numbers-csv"),
    path("import/", pool_import.number_import, name="tenants-numbers-import"),
    path("assign/", pool.number_assign, name="tenants-numbers-assign"),
    path("take-back/", pool.number_take_back, name="tenants-numbers-take-back"),
    path("release/", pool.number_release, name="tenants-numbers-release"),
]
_plans: Routes = [
    path("", plans.plan_list, name="tenants-plans"),
    path("new/", plans.plan_new, name="tenants-plan-new"),
    path("<uuid:plan>/", plans.plan_edit, name="tenants-plan"),
    path("<uuid:plan>/away/", plans.plan_away, name="tenants-plan-away"),
    path("<uuid:plan>/restore/", plans.plan_restore, name="tenants-plan-restore"),
    path("prices/new/", plans.deck_new, name="tenants-deck-new"),
    path("prices/<uuid:deck>/", plans.deck, name="tenants-deck"),
    path("prices/<uuid:deck>/rates/", plans.deck_rates, name="tenants-deck-rates"),
    path("prices/<uuid:deck>/prices.csv", plans.deck_csv, name="tenants-deck-csv"),
    path("prices/<uuid:deck>/delete/", plans.deck_delete, name="tenants-deck-delete"),
]
_numbers: Routes = [
    path("", numbers.numbers, name="numbers"),
    path("<uuid:number>/", numbers.number_lead, name="number-lead"),
    path("<uuid:number>/program/", number_program.number_program, name="number-program"),
    path("faxboxes/new/", faxboxes.faxbox_new, name="faxbox-new"),
    path("faxboxes/<uuid:faxbox>/", faxboxes.faxbox, name="faxbox"),
    path("faxboxes/<uuid:faxbox>/mail/", mail_log.mail_log, name="mail-log"),
    path("faxboxes/<uuid:faxbox>/delete/", faxboxes.faxbox_delete, name="faxbox-delete"),
]
_carriers: Routes = [
    path("", carriers.carrier_list, name="carriers"),
    path("status/", carriers.carrier_list_status, name="carriers-status"),
    path("new/", carriers.carrier_new, name="carrier-new"),
    path("routes/", carriers_routes.routes, name="carrier-routes"),
    path("routes/<uuid:route>/", carriers_routes.route, name="carrier-route"),
    path("routes/<uuid:route>/remove/", carriers_routes.route_remove, name="carrier-route-remove"),
    path("<uuid:carrier>/", carriers.carrier, name="carrier"),
    path("<uuid:carrier>/status/", carriers.carrier_status, name="carrier-status"),
    path("<uuid:carrier>/test/", carriers.carrier_test, name="carrier-test"),
    path("<uuid:carrier>/numbers/", carriers.carrier_numbers, name="carrier-numbers"),
    path("<uuid:carrier>/switch/", carriers.carrier_switch, name="carrier-switch"),
    path("<uuid:carrier>/remove/", carriers.carrier_remove, name="carrier-remove"),
]
_account: Routes = [
    path("tenants/numbers/", include(_pool)),
    path("tenants/plans/", include(_plans)),
    path("numbers/", include(_numbers)),
    path("compose/", compose.compose, name="compose"),
    path("compose/preview/", compose.compose_preview, name="compose-preview"),
    path("compose/cover.png", compose.compose_cover, name="compose-cover"),
    path("carriers/", include(_carriers)),
    path("brand/", brand.brand, name="brand"),
    path("brand/host/", brand.brand_host, name="brand-host"),
    path("covers/", include(_covers)),
    path("uploads/<uuid:upload>/pages/<int:page>.png", compose.upload_page, name="upload-page"),
    path("team/faxboxes/", access.access, name="access"),
    path("team/faxboxes/<uuid:faxbox>/", access.access_set, name="access-set"),
    path("tenants/", include(_tenants)),
    path("tenants/<uuid:tenant>/faxes/", tenant_faxes.tenant_faxes, name="tenant-faxes"),
    path("export/", export.export_page, name="export"),
    path("export/start/", export.export_start, name="export-start"),
    path("export/<uuid:export>/<int:part>/", export.export_part, name="export-part"),
    path("closing/", export.closing, name="closing"),
    path("closing/start/", export.closing_start, name="closing-start"),
    path("closing/<uuid:export>/<int:part>/", export.closing_part, name="closing-part"),
    path("today/", today.today, name="today"),
    path("today/steps/away/", today.steps_away, name="today-steps-away"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("faxes/<uuid:fax>/", include(_one_fax)),
]
urlpatterns = [
    path("a/<uuid:account>/", include(_account)),
    path("share/", share.share, name="share"),
    path("hooks/", include("faxes.hooks")),
    path("api/v1/", include("faxes.api.native.urls")),
    path("", include("faxes.api.kazoo.urls")),
    path("", include("faxes.api.signalwire.urls")),
    path("", include("faxes.api.voipnow.urls")),
    path("", include("faxes.api.fax2.urls")),  # the last below /v1/: the rest there is all its
    path("api/schema/", reference.schema, name="api-schema"),
    path("api/docs/", reference.reference, name="api-docs"),
    path("api/docs/errors/", reference.errors, name="api-errors"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
