"""Checking a paper: whether the portal signed it, and whether it is as it was. For everybody."""

from typing import Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.auth.address import address_of
from accounts.errors import TooManyRequests
from accounts.services import paper_signatures
from accounts.services.paper_signatures import MOST_BYTES
from accounts.services.rate_limits import IN_THIS_PROCESS

_UNPROCESSABLE: Final = 422
_MB: Final = 1024 * 1024


class PaperForm(forms.Form):
    """One file."""

    paper = forms.FileField(
        label=lazy("The PDF file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"required": lazy("Choose a file.")},
    )

    def clean_paper(self) -> "UploadedFile[bytes]":
        """The file, unless it is larger than a paper can be."""
        paper: UploadedFile[bytes] = self.cleaned_data["paper"]
        if (paper.size or 0) > MOST_BYTES:
            told = _("This is larger than any paper of ours: at most {most} MB.")
            raise forms.ValidationError(told.format(most=MOST_BYTES // _MB))
        return paper


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a file, and say what it is. It is looked at, and not kept."""
    if request.method != "POST":
        return render(request, "accounts/check.html", {"form": PaperForm()})
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "accounts/check.html", {"form": form}, status=_UNPROCESSABLE)
    try:
        IN_THIS_PROCESS.check_of_paper(address=address_of(request))
    except TooManyRequests as error:
        answer = render(request, "429.html", status=429)
        answer["Retry-After"] = str(error.retry_after)
        return answer
    paper = form.cleaned_data["paper"]
    found = paper_signatures.check(paper.read())
    return render(
        request, "accounts/check.html", {"form": PaperForm(), "found": found, "name": paper.name}
    )
