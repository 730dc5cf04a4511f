"""Who is answered what at every address for programs: one line an address and method.

As the table of pages beside it, but everybody asks with a token of their own that allows whatever
they may themselves. Addresses do not name the account: lists are of the one whose token is shown,
so strangers get their own (200), and what has an id is Northside's (404 for all others, as if there
were no such thing). Tokens that open nothing, or too little, are not in the table: they are
answered alike everywhere, see the walk.

A right request ``sends`` JSON, written as a form: ``name=text``, or ``name:=JSON``. Ids in braces
are there for the walk to put others' in their place.
"""

# Asked as somebody of Northside Clinic.
ACCOUNT = """
route                       method  names         stranger  other  platform  parent  |  viewer  member  admin  sends
api-own-account             get     -             200       200    200       200     |  200     200     200    -
api-audit                   get     -             200       200    200       200     |  403     403     200    -
api-balance                 get     -             200       200    200       200     |  403     403     200    -
api-usage                   get     -             200       200    200       200     |  403     403     200    -
api-ledger                  get     -             200       200    200       200     |  403     403     200    -
api-broadcasts              get     -             200       200    200       200     |  200     200     200    -
api-broadcasts              post    -             422       422    422       422     |  403     201     201    group={group}&faxbox={faxbox}&cover={cover}&documents:=[{{"upload_id":"{upload}"}}]
api-broadcast               get     -             404       404    404       404     |  200     200     200    -
api-broadcast               delete  -             404       404    404       404     |  403     409     409    -
api-broadcast-cancel        post    -             404       404    404       404     |  403     200     200    -
api-broadcast-recipients    get     -             404       404    404       404     |  200     200     200    -
api-contact-groups          get     -             200       200    200       200     |  200     200     200    -
api-contact-groups          post    -             201       201    201       201     |  403     201     201    name=New
api-contact-group           get     -             404       404    404       404     |  200     200     200    -
api-contact-group           patch   -             404       404    404       404     |  403     200     200    name=Other
api-contact-group           delete  -             404       404    404       404     |  403     204     204    -
api-contact-group-members   post    -             404       404    404       404     |  403     200     200    contact_ids:=["{contact}"]
api-contact-group-member    delete  -             404       404    404       404     |  403     204     204    -
api-contacts                get     -             200       200    200       200     |  200     200     200    -
api-contacts                post    -             201       201    201       201     |  403     201     201    number=%2B12025550100
api-contact                 get     -             404       404    404       404     |  200     200     200    -
api-contact                 patch   -             404       404    404       404     |  403     200     200    name=Other
api-contact                 delete  -             404       404    404       404     |  403     204     204    -
api-covers                  get     -             200       200    200       200     |  403     200     200    -
api-covers                  post    -             201       201    201       201     |  403     201     201    name=New
api-cover                   get     -             404       404    404       404     |  403     200     200    -
api-cover                   patch   -             404       404    404       404     |  403     200     200    heading=Other
api-cover                   delete  -             404       404    404       404     |  403     204     204    -
api-cover-preview           get     -             404       404    404       404     |  403     200     200    -
api-do-not-fax              get     -             200       200    200       200     |  200     200     200    -
api-do-not-fax              post    -             201       201    201       201     |  403     201     201    number=%2B12025550155&reason=Asked
api-do-not-fax-entry        get     -             404       404    404       404     |  200     200     200    -
api-do-not-fax-entry        delete  -             404       404    404       404     |  403     204     204    -
api-faxboxes                get     -             200       200    200       200     |  200     200     200    -
api-faxboxes                post    -             201       201    201       201     |  403     403     201    name=New
api-faxbox                  get     -             404       404    404       404     |  200     200     200    -
api-faxbox                  patch   -             404       404    404       404     |  403     403     200    name=Other
api-faxbox                  delete  -             404       404    404       404     |  403     403     409    -
api-estimate                post    -             422       422    422       422     |  403     200     200    to=%2B12025550100&faxbox={faxbox}&cover={cover}&documents:=[{{"upload_id":"{upload}"}}]
api-faxes                   get     -             200       200    200       200     |  200     200     200    -
api-faxes                   post    -             422       422    422       422     |  403     201     201    to=%2B12025550100&faxbox={faxbox}&cover={cover}&documents:=[{{"upload_id":"{upload}"}}]
api-fax                     get     -             404       404    404       404     |  200     200     200    -
api-fax                     patch   fax=received  404       404    404       404     |  403     200     200    read:=true
api-fax                     delete  -             404       404    404       404     |  403     204     204    -
api-approvals               get     -             200       200    200       200     |  403     200     200    -
api-fax-approve             post    fax=waiting   404       404    404       404     |  403     403     403    -
api-fax-decline             post    fax=waiting   404       404    404       404     |  403     403     403    reason=No
api-fax-attempts            get     -             404       404    404       404     |  200     200     200    -
api-fax-cancel              post    fax=waiting   404       404    404       404     |  403     200     200    -
api-fax-document            get     -             404       404    404       404     |  200     200     200    -
api-fax-document-pdf        get     -             404       404    404       404     |  200     200     200    -
api-fax-document-tiff       get     -             404       404    404       404     |  200     200     200    -
api-fax-documents           get     -             404       404    404       404     |  200     200     200    -
api-fax-stored-document     get     -             404       404    404       404     |  200     200     200    -
api-fax-events              get     -             404       404    404       404     |  200     200     200    -
api-fax-forward             post    -             404       404    404       404     |  403     201     201    to=%2B12025550100
api-fax-pages               get     -             404       404    404       404     |  200     200     200    -
api-fax-page                get     -             404       404    404       404     |  200     200     200    -
api-fax-page-png            get     -             404       404    404       404     |  200     200     200    -
api-fax-report              get     -             404       404    404       404     |  200     200     200    -
api-fax-report-pdf          get     -             404       404    404       404     |  200     200     200    -
api-fax-resend              post    -             404       404    404       404     |  403     201     201    -
api-fax-strip               post    -             404       404    404       404     |  403     200     200    -
api-retention               get     -             200       200    200       200     |  403     403     200    -
api-retention               put     -             200       200    200       200     |  403     403     200    confirm:=true
api-faxbox-retention        get     -             404       404    404       404     |  403     403     200    -
api-faxbox-retention        put     -             404       404    404       404     |  403     403     200    confirm:=true
api-legal-holds             get     -             200       200    200       200     |  403     403     200    -
api-legal-holds             post    -             201       201    201       201     |  403     403     201    reason=x
api-legal-hold              get     -             404       404    404       404     |  403     403     200    -
api-legal-hold              delete  -             404       404    404       404     |  403     403     204    -
api-numbers                 get     -             200       200    200       200     |  200     200     200    -
api-number                  get     -             404       404    404       404     |  200     200     200    -
api-number                  patch   -             404       404    404       404     |  403     403     200    faxbox_id={faxbox}
api-tokens                  get     -             200       200    200       200     |  403     403     200    -
api-tokens                  post    -             201       201    201       201     |  403     403     201    name=New&scopes:=["faxes:read"]
api-token                   get     -             404       404    404       404     |  403     403     200    -
api-token                   delete  -             404       404    404       404     |  403     403     204    -
api-uploads                 get     -             200       200    200       200     |  403     200     200    -
api-uploads                 post    -             201       201    201       201     |  403     201     201    documents:=[{{"content_base64":"SGVsbG8=","filename":"a.txt"}}]
api-upload                  get     -             404       404    404       404     |  403     200     200    -
api-upload                  delete  -             404       404    404       404     |  403     204     204    -
api-upload-page             get     -             404       404    404       404     |  403     200     200    -
api-upload-page-png         get     -             404       404    404       404     |  403     200     200    -
api-webhook-message         get     -             404       404    404       404     |  403     403     200    -
api-webhook-message-resend  post    -             404       404    404       404     |  403     403     202    -
api-webhooks                get     -             200       200    200       200     |  403     403     200    -
api-webhooks                post    -             201       201    201       201     |  403     403     201    url=https://example.com/
api-webhook                 get     -             404       404    404       404     |  403     403     200    -
api-webhook                 patch   -             404       404    404       404     |  403     403     200    description=Other
api-webhook                 delete  -             404       404    404       404     |  403     403     204    -
api-webhook-messages        get     -             404       404    404       404     |  403     403     200    -
api-webhook-resend          post    -             404       404    404       404     |  403     403     202    since=2026-01-01T00:00:00Z
api-webhook-rotate          post    -             404       404    404       404     |  403     403     200    -
api-webhook-per-fax-rotate  post    -             200       200    200       200     |  403     403     200    -
api-webhook-test            post    -             404       404    404       404     |  403     403     202    -
"""

# Asked as somebody of Harbor Communications, of whose tenants {tenant} is one: Northside Clinic.
PROVIDER = """
route                  method  names  stranger  other  platform  clerk  |  viewer  member  admin  |  parent  sends
api-accounts           get     -      404       200    200       403    |  404     404     404    |  200     -
api-accounts           post    -      404       404    422       403    |  404     404     404    |  201     name=New&parent_id={reseller}&plan_id={plan}&number_id={free}
api-account            get     -      404       404    200       403    |  404     404     404    |  200     -
api-account            patch   -      404       404    200       403    |  404     404     404    |  200     name=Other
api-account-close      post    -      404       404    200       403    |  404     404     404    |  200     -
api-account-credit     post    -      404       404    422       403    |  404     404     404    |  422     amount=5
api-account-limits     get     -      404       404    200       403    |  404     404     404    |  200     -
api-account-limits     put     -      404       404    200       403    |  404     404     404    |  200     pages_a_day:=5
api-account-move       post    -      404       404    200       403    |  404     404     404    |  200     parent_id={reseller}
api-account-reopen     post    -      404       404    200       403    |  404     404     404    |  200     -
api-account-retention-bounds get -    404       404    200       403    |  404     404     404    |  200     -
api-account-retention-bounds put -    404       404    200       403    |  404     404     404    |  200     pages_least:=5
api-account-resume     post    -      404       404    200       403    |  404     404     404    |  200     -
api-account-suspend    post    -      404       404    200       403    |  404     404     404    |  200     reason=unpaid
api-number-pool        get     -      404       200    200       403    |  404     404     404    |  200     -
api-numbers-assign     post    -      404       404    422       403    |  404     404     404    |  200     number_ids:=["{free}"]&account_id={tenant}&faxbox_id={faxbox}
api-numbers-import     post    -      404       200    200       403    |  404     404     404    |  200     numbers:=["%2B16175550142"]
api-numbers-take-back  post    -      404       422    200       403    |  404     404     404    |  200     number_ids:=["{number}"]
"""

# ruff: noqa: E501 (a line of a table is as long as it is)
TABLES = {"northside, by token": ACCOUNT, "harbor, by token": PROVIDER}
