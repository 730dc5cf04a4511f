"""Who is answered what at every address: one line an address and method, read by the walk beside it.

A cell is the status that somebody is answered, by what they are:

    nobody     not signed in
    stranger   administrators of Lakeside (a neighbour) and of Redwood (another reseller's)
    other      the administrator of Summit, another reseller
    platform   the administrator of the platform, two levels up
    parent     the administrator of Harbor, the reseller of Northside
    clerk      a member of Harbor who administers nothing
    support    the administrator of Harbor, while Northside grants support access
    viewer, member, admin    of Northside itself

``in`` is being led to sign in. 404 is what an id that nobody has is answered too, word for word.
Whoever is answered ``in``, 403 or 404 has changed no row of any table and read nothing of
Northside's. 286 tells a page to stop asking.

``names`` says which thing of ``things.py`` stands for an argument of the address, if not the one
of the argument's name (``fax=waiting``); ``sends`` is what a right request carries, as a form does
(``role=member&user={user}``: braces are a thing's id). ``-`` is nothing.

To add an address: put its line here, and what it names into ``things.py``. The walk then also asks
for it with ids of others and with each method that has no line (405).
"""

# Pages of an account, asked for at Northside Clinic.
ACCOUNT = """
route                method  names         nobody  stranger  other  platform  parent  clerk  |  support  viewer  member  admin  sends
team                 get     -             in      404       404    404       404     404    |  403      403     403     200    -
team-invite          post    -             in      404       404    404       404     404    |  403      403     403     302    email=new@elsewhere.example&role=member
team-role            post    -             in      404       404    404       404     404    |  403      403     403     302    role=member
team-remove          post    -             in      404       404    404       404     404    |  403      403     403     302    -
invitation-resend    post    -             in      404       404    404       404     404    |  403      403     403     302    -
invitation-withdraw  post    -             in      404       404    404       404     404    |  403      403     403     302    -
access               get     -             in      404       404    404       404     404    |  403      403     403     200    -
access-set           post    -             in      404       404    404       404     404    |  403      403     403     302    -
tokens               get     -             in      404       404    404       404     404    |  403      403     403     200    -
token-new            post    -             in      404       404    404       404     404    |  403      403     403     422    name=
token-revoke         post    -             in      404       404    404       404     404    |  403      403     403     302    -
connection-end       post    -             in      404       404    404       404     404    |  403      403     403     302    -
program-connect      get     -             in      404       404    404       404     404    |  403      200     200     200    response_type=code&client_id={client}&state=x&scope=faxes%3Aread
program-connect      post    -             in      404       404    404       404     404    |  403      400     400     400    answer=allow
webhooks             get     -             in      404       404    404       404     404    |  403      403     403     200    -
webhook-new          post    -             in      404       404    404       404     404    |  403      403     403     422    url=
callbacks            get     -             in      404       404    404       404     404    |  403      403     403     200    -
callback-key         post    -             in      404       404    404       404     404    |  403      403     403     200    act=show
webhook              get     -             in      404       404    404       404     404    |  403      403     403     200    -
webhook              post    -             in      404       404    404       404     404    |  403      403     403     302    url=https%3A%2F%2Fexample.com%2F
webhook-switch       post    -             in      404       404    404       404     404    |  403      403     403     302    -
webhook-rotate       post    -             in      404       404    404       404     404    |  403      403     403     200    -
webhook-test         post    -             in      404       404    404       404     404    |  403      403     403     302    -
webhook-delete       post    -             in      404       404    404       404     404    |  403      403     403     302    -
webhook-again        post    -             in      404       404    404       404     404    |  403      403     403     302    hours=24
webhook-message      get     -             in      404       404    404       404     404    |  403      403     403     200    -
webhook-redeliver    post    -             in      404       404    404       404     404    |  403      403     403     302    -
audit                get     -             in      404       404    404       404     404    |  403      403     403     200    -
audit-csv            get     -             in      404       404    404       404     404    |  403      403     403     200    -
account-language     get     -             in      404       404    404       404     404    |  403      403     403     200    -
account-language     post    -             in      404       404    404       404     404    |  403      403     403     302    language=de
sign-in-rules        get     -             in      404       404    404       404     404    |  403      403     403     200    -
sign-in-rules        post    -             in      404       404    404       404     404    |  403      403     403     422    issuer=x
sharing              get     -             in      404       404    404       404     404    |  403      403     403     200    -
sharing-set          post    -             in      404       404    404       404     404    |  403      403     403     302    fax_records=none
page-text            post    -             in      404       404    404       404     404    |  403      403     403     302    search=on
support-grant        post    -             in      404       404    404       404     404    |  403      403     403     302    hours=4&note=x
support-end          post    -             in      404       404    404       404     404    |  403      403     403     302    -
export               get     -             in      404       404    404       404     404    |  403      403     403     200    -
export-start         post    -             in      404       404    404       404     404    |  403      403     403     302    -
export-number        post    -             in      404       404    404       404     404    |  403      403     403     302    number=%2B12025550155
export-part          get     -             in      404       404    404       404     404    |  403      403     403     200    -
closing              get     -             in      404       404    404       404     404    |  404      404     404     404    -
closing-start        post    -             in      404       404    404       404     404    |  404      404     404     404    -
closing-part         get     -             in      404       404    404       404     404    |  404      404     404     404    -
today                get     -             in      404       404    404       404     404    |  200      200     200     200    -
today-steps-away     post    -             in      404       404    404       404     404    |  403      403     403     302    -
inbox                get     -             in      404       404    404       404     404    |  200      200     200     200    -
outbox               get     -             in      404       404    404       404     404    |  200      200     200     200    -
compose              get     -             in      404       404    404       404     404    |  403      403     200     200    -
compose              post    -             in      404       404    404       404     404    |  403      403     422     422    to=abc
compose-preview      post    -             in      404       404    404       404     404    |  403      403     422     422    -
compose-cover        post    -             in      404       404    404       404     404    |  403      403     200     200    cover=plain
recipients-find      get     -             in      404       404    404       404     404    |  403      403     200     200    q=a
recipients-check     post    -             in      404       404    404       404     404    |  403      403     200     200    text=12
broadcasts           get     -             in      404       404    404       404     404    |  200      200     200     200    -
broadcast-new        post    -             in      404       404    404       404     404    |  403      403     302     302    to=%2B12025550100&upload={upload}&count=1
broadcast            get     -             in      404       404    404       404     404    |  200      200     200     200    -
broadcast-status     get     -             in      404       404    404       404     404    |  200      200     200     200    -
broadcast-csv        get     -             in      404       404    404       404     404    |  200      200     200     200    -
broadcast-cancel     post    -             in      404       404    404       404     404    |  403      403     302     302    -
broadcast-send-again post    -             in      404       404    404       404     404    |  403      403     409     409    -
broadcast-delete     post    -             in      404       404    404       404     404    |  403      403     409     409    -
compose-estimate     post    -             in      404       404    404       404     404    |  403      403     200     200    to=%2B12025550100&upload={upload}
draft-save           post    -             in      404       404    404       404     404    |  403      403     200     200    to=12
drafts               get     -             in      404       404    404       404     404    |  403      403     200     200    -
draft-delete         post    -             in      404       404    404       404     404    |  403      403     302     302    -
contacts             get     -             in      404       404    404       404     404    |  403      200     200     200    -
contact-new          get     -             in      404       404    404       404     404    |  403      403     200     200    -
contact-new          post    -             in      404       404    404       404     404    |  403      403     302     302    number=%2B12025550155
contact              get     -             in      404       404    404       404     404    |  403      200     200     200    -
contact              post    -             in      404       404    404       404     404    |  403      403     302     302    number=%2B12025550155
contact-delete       post    -             in      404       404    404       404     404    |  403      403     302     302    -
contact-merge        post    -             in      404       404    404       404     404    |  403      403     302     302    -
contacts-csv         get     -             in      404       404    404       404     404    |  403      200     200     200    -
contacts-vcf         get     -             in      404       404    404       404     404    |  403      200     200     200    -
contacts-import      get     -             in      404       404    404       404     404    |  403      403     200     200    -
contacts-import      post    -             in      404       404    404       404     404    |  403      403     422     422    packed=x
contact-groups       get     -             in      404       404    404       404     404    |  403      200     200     200    -
contact-groups       post    -             in      404       404    404       404     404    |  403      403     302     302    name=New
contact-group        get     -             in      404       404    404       404     404    |  403      200     200     200    -
contact-group        post    -             in      404       404    404       404     404    |  403      403     302     302    name=Other
contact-group-members post    -             in      404       404    404       404     404    |  403      403     302     302    contact={contact}&act=remove
contact-group-delete post    -             in      404       404    404       404     404    |  403      403     302     302    -
contact-duplicates   get     -             in      404       404    404       404     404    |  403      200     200     200    -
do-not-fax           get     -             in      404       404    404       404     404    |  403      200     200     200    -
do-not-fax           post    -             in      404       404    404       404     404    |  403      403     302     302    number=%2B12025550155
do-not-fax-remove    post    -             in      404       404    404       404     404    |  403      403     302     302    -
covers               get     -             in      404       404    404       404     404    |  403      403     200     200    -
cover-new            get     -             in      404       404    404       404     404    |  403      403     200     200    -
cover-new            post    -             in      404       404    404       404     404    |  403      403     422     422    name=
cover-preview        post    -             in      404       404    404       404     404    |  403      403     200     200    layout=plain
cover                get     -             in      404       404    404       404     404    |  403      403     200     200    -
cover                post    -             in      404       404    404       404     404    |  403      403     302     302    name=Other&layout=plain
cover-picture        get     -             in      404       404    404       404     404    |  403      403     200     200    -
cover-delete         post    -             in      404       404    404       404     404    |  403      403     302     302    -
upload-page          get     -             in      404       404    404       404     404    |  403      403     200     200    -
numbers              get     -             in      404       404    404       404     404    |  200      200     200     200    -
number-lead          post    -             in      404       404    404       404     404    |  403      403     403     302    faxbox={faxbox}
number-program       get     -             in      404       404    404       404     404    |  403      403     403     200    -
number-program       post    -             in      404       404    404       404     404    |  403      403     403     302    url=https%3A%2F%2Fexample.com%2F&method=get
faxbox-new           get     -             in      404       404    404       404     404    |  403      403     403     200    -
faxbox-new           post    -             in      404       404    404       404     404    |  403      403     403     422    name=
faxbox               get     -             in      404       404    404       404     404    |  403      403     403     200    -
faxbox               post    -             in      404       404    404       404     404    |  403      403     403     302    name=Other
faxbox-delete        post    -             in      404       404    404       404     404    |  403      403     403     409    -
mail-log             get     -             in      404       404    404       404     404    |  200      200     200     200    -
carriers             get     -             in      404       404    404       404     404    |  403      403     403     200    -
carriers-status      get     -             in      404       404    404       404     404    |  403      403     403     200    -
carrier-new          get     -             in      404       404    404       404     404    |  403      403     403     200    -
carrier-new          post    -             in      404       404    404       404     404    |  403      403     403     422    kind=fax2&name=
carrier              get     -             in      404       404    404       404     404    |  403      403     403     200    -
carrier              post    -             in      404       404    404       404     404    |  403      403     403     302    name=Other&channels=2
carrier-status       get     -             in      404       404    404       404     404    |  403      403     403     200    -
carrier-test         post    -             in      404       404    404       404     404    |  403      403     403     302    -
carrier-numbers      post    -             in      404       404    404       404     404    |  403      403     403     302    -
carrier-switch       post    -             in      404       404    404       404     404    |  403      403     403     302    on=yes
carrier-remove       post    -             in      404       404    404       404     404    |  403      403     403     302    -
carrier-routes       get     -             in      404       404    404       404     404    |  403      403     403     200    -
carrier-routes       post    -             in      404       404    404       404     404    |  403      403     403     302    carrier={carrier}&priority=1&prefix=%2B44
carrier-route        get     -             in      404       404    404       404     404    |  403      403     403     200    -
carrier-route        post    -             in      404       404    404       404     404    |  403      403     403     302    carrier={carrier}&priority=1&prefix=%2B49
carrier-route-remove post    -             in      404       404    404       404     404    |  403      403     403     302    -
usage                get     -             in      404       404    404       404     404    |  403      403     403     200    -
usage-csv            get     -             in      404       404    404       404     404    |  403      403     403     200    -
usage-pdf            get     -             in      404       404    404       404     404    |  403      403     403     200    -
fax                  get     -             in      404       404    404       404     404    |  200      200     200     200    -
fax-status           get     -             in      404       404    404       404     404    |  286      286     286     286    -
fax-document-pdf     get     -             in      404       404    404       404     404    |  200      200     200     200    -
fax-document-tiff    get     -             in      404       404    404       404     404    |  200      200     200     200    -
fax-page             get     -             in      404       404    404       404     404    |  200      200     200     200    -
fax-report-pdf       get     -             in      404       404    404       404     404    |  200      200     200     200    -
deleted-receipt-pdf  get     -             in      404       404    404       404     404    |  403      403     404     200    -
fax-read             post    fax=received  in      404       404    404       404     404    |  403      403     302     302    -
fax-resend           post    -             in      404       404    404       404     404    |  403      403     302     302    -
fax-forward          post    -             in      404       404    404       404     404    |  403      403     302     302    to=%2B12025550100
fax-next-try-now     post    fax=waiting   in      404       404    404       404     404    |  403      403     302     302    seen=0
fax-next-try-later   post    fax=waiting   in      404       404    404       404     404    |  403      403     302     302    seen=0&send_at=2026-12-30T10:00
fax-next-try-elsewhere  post  fax=waiting  in      404       404    404       404     404    |  403      403     302     302    seen=0&to=%2B12025550100
fax-next-try-none    post    fax=waiting   in      404       404    404       404     404    |  403      403     302     302    seen=0
fax-undo             post    fax=waiting   in      404       404    404       404     404    |  403      403     409     409    -
fax-approve          post    fax=waiting   in      404       404    404       404     404    |  403      403     403     403    -
fax-decline          post    fax=waiting   in      404       404    404       404     404    |  403      403     403     403    -
approvals            get     -             in      404       404    404       404     404    |  403      403     200     200    -
approvals-decide     post    -             in      404       404    404       404     404    |  403      403     302     302    -
settings             get     -             in      404       404    404       404     404    |  200      200     200     200    -
sending              get     -             in      404       404    404       404     404    |  403      403     403     200    -
sending              post    -             in      404       404    404       404     404    |  403      403     403     302    night_from=22:00&night_until=06:00
retention            get     -             in      404       404    404       404     404    |  403      403     403     200    -
retention            post    -             in      404       404    404       404     404    |  403      403     403     302    inbound_pages=30&sure=1
faxbox-retention     get     -             in      404       404    404       404     404    |  403      403     403     200    -
faxbox-retention     post    -             in      404       404    404       404     404    |  403      403     403     302    own=on&inbound_pages=30&sure=1
faxbox-hold          post    -             in      404       404    404       404     404    |  403      403     403     302    reason=x
fax-hold             post    -             in      404       404    404       404     404    |  403      403     403     302    reason=x
account-hold         post    -             in      404       404    404       404     404    |  403      403     403     302    reason=x
legal-holds          get     -             in      404       404    404       404     404    |  403      403     403     200    -
legal-hold-lift      post    -             in      404       404    404       404     404    |  403      403     403     302    -
fax-cancel           post    fax=waiting   in      404       404    404       404     404    |  403      403     302     302    -
fax-strip            post    -             in      404       404    404       404     404    |  403      403     302     302    -
fax-archive          post    -             in      404       404    404       404     404    |  403      403     302     302    archived=1
fax-assign           post    -             in      404       404    404       404     404    |  403      403     302     302    person={user}
fax-labels           post    -             in      404       404    404       404     404    |  403      403     302     302    label={label}
fax-note             post    -             in      404       404    404       404     404    |  403      403     302     302    note=x
fax-note-delete      post    -             in      404       404    404       404     404    |  403      403     403     302    -
faxes-bulk           post    -             in      404       404    404       404     404    |  403      403     302     302    act=archive&fax={fax}
faxes-zip            post    -             in      404       404    404       404     404    |  200      200     200     200    fax={fax}
faxes-pdf            post    -             in      404       404    404       404     404    |  200      200     200     200    fax={fax}
labels               get     -             in      404       404    404       404     404    |  403      403     200     200    -
labels               post    -             in      404       404    404       404     404    |  403      403     422     422    name=
label-change         post    -             in      404       404    404       404     404    |  403      403     302     302    name=Other&colour=red
label-delete         post    -             in      404       404    404       404     404    |  403      403     302     302    -
list-look            post    -             in      404       404    404       404     404    |  302      302     302     302    density=compact
view-save            post    -             in      404       404    404       404     404    |  403      302     302     302    name=Mine&place=q%3Dx
view-delete          post    -             in      404       404    404       404     404    |  403      302     302     302    -
fax-tell-again       post    -             in      404       404    404       404     404    |  403      403     302     302    -
fax-delete           post    -             in      404       404    404       404     404    |  403      403     302     302    -
"""

# Pages of a reseller, asked for at Harbor Communications; {tenant} is Northside Clinic. Whoever
# is answered 404 here finds nothing of Harbor's tenants at their own address either.
RESELLER = """
route                       method  names                     nobody  stranger  other  platform  clerk  |  viewer  member  admin  |  parent  sends
brand                       get     -                         in      404       404    404       403    |  404     404     404    |  200     -
brand                       post    -                         in      404       404    404       403    |  404     404     404    |  302     -
brand-host                  post    -                         in      404       404    404       403    |  404     404     404    |  302     -
tenant-faxes                get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants                     get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-csv                 get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenant-new                  get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenant-new                  post    -                         in      404       404    404       403    |  404     404     404    |  422     name=
tenants-bulk                post    -                         in      404       404    404       403    |  404     404     404    |  200     act=suspend&tenant={tenant}
tenant                      get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenant-rename               post    -                         in      404       404    404       403    |  404     404     404    |  302     name=Other
tenant-move                 post    -                         in      404       404    404       403    |  404     404     404    |  302     parent={reseller}
tenant-suspend              post    -                         in      404       404    404       403    |  404     404     404    |  302     reason=unpaid
tenant-resume               post    -                         in      404       404    404       403    |  404     404     404    |  302     -
tenant-close                post    -                         in      404       404    404       403    |  404     404     404    |  302     name=Northside+Clinic
tenant-reopen               post    -                         in      404       404    404       403    |  404     404     404    |  302     -
retention-below             post    -                         in      404       404    404       403    |  404     404     404    |  302     pages_least=5
tenant-retention            post    -                         in      404       404    404       403    |  404     404     404    |  302     pages_least=5
tenant-limits               post    -                         in      404       404    404       403    |  404     404     404    |  302     pages_a_day=5
tenant-invite               post    -                         in      404       404    404       403    |  404     404     404    |  302     email=new@elsewhere.example
tenant-invitation-resend    post    invitation=to_administer  in      404       404    404       403    |  404     404     404    |  302     -
tenant-invitation-withdraw  post    invitation=to_administer  in      404       404    404       403    |  404     404     404    |  302     -
tenants-numbers             get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-numbers-csv         get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-numbers-import      get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-numbers-import      post    -                         in      404       404    404       403    |  404     404     404    |  302     text=%2B16175550130&act=import
tenants-numbers-assign      get     -                         in      404       404    404       403    |  404     404     404    |  200     number={number}
tenants-numbers-assign      post    -                         in      404       404    404       403    |  404     404     404    |  422     number={number}&account={tenant}
tenants-numbers-take-back   get     -                         in      404       404    404       403    |  404     404     404    |  200     number={number}
tenants-numbers-take-back   post    -                         in      404       404    404       403    |  404     404     404    |  302     number={number}
tenants-numbers-release     get     -                         in      404       404    404       403    |  404     404     404    |  200     number={number}
tenants-numbers-release     post    -                         in      404       404    404       403    |  404     404     404    |  422     number={number}
tenants-plans               get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-plan-new            get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-plan-new            post    -                         in      404       404    404       403    |  404     404     404    |  302     name=New&deck_id={deck}&beyond=charge
tenants-plan                get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-plan                post    -                         in      404       404    404       403    |  404     404     404    |  302     name=Other&deck_id={deck}&beyond=refuse
tenants-plan-away           post    -                         in      404       404    404       403    |  404     404     404    |  302     -
tenants-plan-restore        post    -                         in      404       404    404       403    |  404     404     404    |  302     -
tenants-deck-new            get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-deck-new            post    -                         in      404       404    404       403    |  404     404     404    |  302     name=New&currency=EUR
tenants-deck                get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-deck                post    -                         in      404       404    404       403    |  404     404     404    |  302     name=Other
tenants-deck-rates          get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-deck-rates          post    -                         in      404       404    404       403    |  404     404     404    |  302     text=1%2C0.07&act=replace
tenants-deck-csv            get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenants-deck-delete         post    -                         in      404       404    404       403    |  404     404     404    |  302     -
tenant-credit               get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenant-credit-terms         post    -                         in      404       404    404       403    |  404     404     404    |  302     terms-plan_id={plan}&terms-mode=prepaid
tenant-credit-top-up        post    -                         in      404       404    404       403    |  404     404     404    |  422     top-amount=
tenant-credit-adjust        post    -                         in      404       404    404       403    |  404     404     404    |  422     fix-amount=
tenant-credit-csv           get     -                         in      404       404    404       403    |  404     404     404    |  200     -
tenant-credit-pdf           get     -                         in      404       404    404       403    |  404     404     404    |  200     -
"""

# What is left of an account once it is closed, asked for at a closed Northside.
CLOSED = """
route          method  names  nobody  stranger  other  platform  parent  clerk  |  support  viewer  member  admin  sends
closing        get     -      in      404       404    404       404     404    |  404      404     404     200    -
closing-start  post    -      in      404       404    404       404     404    |  404      404     404     302    -
closing-part   get     -      in      404       404    404       404     404    |  404      404     404     200    -
inbox          get     -      in      404       404    404       404     404    |  404      403     403     403    -
fax            get     -      in      404       404    404       404     404    |  404      403     403     403    -
fax-page       get     -      in      404       404    404       404     404    |  404      403     403     403    -
export         get     -      in      404       404    404       404     404    |  404      403     403     403    -
audit          get     -      in      404       404    404       404     404    |  404      403     403     403    -
"""

# What is nobody's, or about the person alone: ``anybody`` is the member of Northside.
PERSON = """
route                                 method  names  nobody  anybody  sends
account_change_password               get     -      in      200      -
account_change_password               post    -      in      200      -
account_inactive                      get     -      200     200      -
account_login                         get     -      200     302      -
account_logout                        get     -      302     200      -
account_logout                        post    -      302     302      -
account_reauthenticate                get     -      in      200      -
account_reset_password                get     -      200     200      -
account_reset_password_done           get     -      200     200      -
account_reset_password_from_key       get     -      200     200      -
account_reset_password_from_key_done  get     -      200     200      -
account_set_password                  get     -      in      302      -
account_set_password                  post    -      in      302      -
account_signup                        get     -      200     302      -
api-chapter                           get     -      200     200      -
api-docs                              get     -      200     200      -
api-errors                            get     -      200     200      -
api-nothing                           get     -      404     404      -
api-schema                            get     -      200     200      -
brand-domain                          get     -      404     404      -
brand-icon                            get     -      404     404      -
brand-icon-full                       get     -      404     404      -
brand-logo                            get     -      404     404      -
brand-sheet                           get     -      404     404      -
carrier-call                          get     -      404     404      -
carrier-call                          post    -      404     404      -
carrier-pages                         get     token=secret  404  404  -
check                                 get     -      200     200      -
check                                 post    -      422     422      -
metrics                               get     -      404     404      -
health-live                           get     -      200     200      -
security-txt                          get     -      404     404      -
health-ready                          get     -      200     200      -
home                                  get     -      in      302      -
invitation                            get     -      410     410      -
invitation                            post    -      410     410      -
language-choose                       post    -      302     302      -
manifest                              get     -      200     200      -
mfa_activate_totp                     get     -      in      200      -
mfa_activate_totp                     post    -      in      200      -
mfa_add_webauthn                      get     -      in      200      -
mfa_add_webauthn                      post    -      in      200      -
mfa_authenticate                      get     -      302     302      -
mfa_deactivate_totp                   get     -      in      404      -
mfa_deactivate_totp                   post    -      in      404      -
mfa_download_recovery_codes           get     -      in      404      -
mfa_edit_webauthn                     get     -      in      404      -
mfa_edit_webauthn                     post    -      in      404      -
mfa_generate_recovery_codes           get     -      in      200      -
mfa_generate_recovery_codes           post    -      in      200      -
mfa_index                             get     -      in      200      -
mfa_list_webauthn                     get     -      in      200      -
mfa_login_webauthn                    get     -      302     302      -
mfa_reauthenticate                    get     -      in      302      -
mfa_reauthenticate_webauthn           get     -      in      302      -
mfa_remove_webauthn                   get     -      in      404      -
mfa_remove_webauthn                   post    -      in      404      -
mfa_view_recovery_codes               get     -      in      404      -
oauth-authorize                       get     -      400     400      -
oauth-authorize-php                   get     -      400     400      -
oauth-metadata                        get     -      200     200      -
oauth-revoke                          post    -      400     400      -
oauth-token                           post    -      400     400      -
oauth-token-php                       post    -      400     400      -
openid_connect_callback               get     -      404     404      -
openid_connect_login                  get     -      404     404      -
time-zone-choose                      post    -      in      302      time_zone=Europe/Zurich
profile                               get     -      in      200      -
profile                               post    -      in      200      -
program-end                           post    -      in      404      -
programs                              get     -      in      200      -
sessions                              get     -      in      200      -
sessions                              post    -      in      302      -
share                                 post    -      403     403      -
single-sign-on                        get     -      200     200      -
socialaccount_login_cancelled         get     -      200     200      -
styleguide                            get     -      200     200      -
"""

# ruff: noqa: E501 (a line of a table is as long as it is)
TABLES = {"northside": ACCOUNT, "harbor": RESELLER, "northside, closed": CLOSED, "": PERSON}
