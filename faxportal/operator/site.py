"""The site of Django's admin, let in to by the portal's own doors: /operator/."""

from collections.abc import Callable
from typing import Any, Final, cast

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext_lazy as lazy

from accounts.auth.confirm import confirm
from accounts.auth.hosts import house_on
from accounts.auth.portal import AccountRequest, in_account_with_second_step
from accounts.models import Account, Kind
from accounts.roles import Role

_NAMES: Final = {
    "accounts": lazy("Accounts and people"),
    "faxes": lazy("Faxes and carriers"),
    "django_q": lazy("Jobs"),
}


class OperatorSite(AdminSite):
    """Django's admin without its log-in, users and groups: who gets in is the portal's to say.

    Those are the administrators of the platform's account, with a second step. For all others, and
    on hosts of brands, there is nothing here.
    """

    site_title = site_header = lazy("Operator")
    index_title = lazy("What is on this site")
    index_template = "operator/index.html"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the doors let them in."""
        actor = getattr(request, "actor", None)
        return actor is not None and actor.role == Role.ADMIN

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """All lists by their titles, which models have none of."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = _NAMES[app["app_label"]]
            for each in app["models"]:
                each["name"] = cast("Any", self._registry[each["model"]]).title
        return apps

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 (Django's)
        """Serve a page of the admin to who may see it: for everybody else there is none."""
        del cacheable  # nothing of it is
        inner = super().admin_view(view)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if house_on(request) is not None:
                raise Http404
            return in_account_with_second_step(_let_in(inner, args, kwargs))(
                request, account=_platform()
            )

        return guarded

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The index and what the lists have: no log-in, no passwords, nothing for strangers."""
        apps = "|".join(sorted({model._meta.app_label for model in self._registry}))  # noqa: SLF001
        pages: list[Any] = [
            path("", self.admin_view(self.index), name="index"),
            path("words.js", self.admin_view(self.i18n_javascript), name="jsi18n"),
            re_path(f"^(?P<app_label>{apps})/$", self.admin_view(self.app_index), name="app_list"),
        ]
        pages += [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(of.urls))  # noqa: SLF001
            for model, of in self._registry.items()
        ]
        return pages


def _let_in(
    inner: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[..., HttpResponseBase]:
    def served(request: AccountRequest) -> HttpResponseBase:
        if request.actor.role != Role.ADMIN:
            raise Http404
        if request.method == "POST":
            confirm(request)
        return inner(cast("Any", request), *args, **kwargs)

    return served


def _platform() -> Any:
    return Account.objects.values_list("pk", flat=True).get(kind=Kind.PLATFORM)


site: Final = OperatorSite(name="operator")
