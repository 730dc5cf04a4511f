"""Single sign-on: an account's own identity provider says who somebody is (OpenID Connect).

Protocol and state are django-allauth's. What this portal adds: each account has a provider of its
own, its people are matched by the email addresses of its own domains, and whoever comes this way
is let into that account only (``confirm.single_sign_on_of``).
"""

import secrets
from typing import Any, Final
from uuid import UUID

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.auth.address import address_of
from accounts.auth.confirm import SINGLE_SIGN_ON
from accounts.auth.egress import guarded_session
from accounts.auth.hosts import is_here
from accounts.auth.shut import why_shut
from accounts.errors import AccountSuspended, NotAllowed
from accounts.models import SignInPolicy, User
from accounts.services.signin import person_vouched_for, single_sign_on_for

_NONCE: Final = "single_sign_on_nonce"


class AccountProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """The identity provider of one account."""

    def get_auth_params_from_request(self, request: HttpRequest, action: Any) -> dict[str, str]:  # noqa: ARG002 (theirs)
        """Who is signed in already is to prove it anew; an address adds nothing of its own.

        What the provider signs names this browser's session, and opens no other.
        """
        nonce = request.session.setdefault(_NONCE, secrets.token_urlsafe(32))
        told = {"nonce": nonce}
        return told | {"prompt": "login"} if request.user.is_authenticated else told


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Where allauth finds the accounts' providers, and who may come in."""

    def get_provider(
        self,
        request: HttpRequest,
        provider: Any,
        client_id: Any = None,  # noqa: ARG002 (theirs)
    ) -> AccountProvider:
        """The provider of the account of this id.

        Raises:
            SocialApp.DoesNotExist: it has none, which the view answers with 404.

        """
        policy = _policy(provider)
        if not is_here(request, policy.pk):
            raise SocialApp.DoesNotExist
        app = SocialApp(
            provider=AccountProvider.id,
            provider_id=str(policy.pk),
            name=policy.account.name,
            client_id=policy.client_id,
            secret=policy.client_secret,
            settings={
                "server_url": policy.issuer,
                "oauth_pkce_enabled": True,
                "fetch_userinfo": False,
            },
        )
        return AccountProvider(request, app=app)

    def get_requests_session(self) -> Any:
        """How providers are asked."""
        return guarded_session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 (theirs)
        """Nobody signs up by themselves."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Sign in whom the provider vouches for, or say why not; allauth's own ways end here.

        Raises:
            ImmediateHttpResponse: always, with what to answer.

        """
        policy = _policy(sociallogin.provider.app.provider_id)
        claims: dict[str, Any] = sociallogin.account.extra_data.get("id_token") or {}
        try:
            _require_nonce(request.session.pop(_NONCE, ""), claims)
            user = _vouched_for(policy, claims, address_of(request))
        except NotAllowed:
            messages.error(
                request,
                _("{account} does not know you here. Ask its administrator.").format(
                    account=policy.account.name
                ),
            )
            raise ImmediateHttpResponse(redirect("account_login")) from None
        except AccountSuspended:
            messages.error(request, why_shut(policy.account))
            raise ImmediateHttpResponse(redirect("account_login")) from None
        going_to = sociallogin.get_redirect_url(request)
        if request.user.is_authenticated:
            get_account_adapter(request).logout(request)
        record_authentication(
            request, user, SINGLE_SIGN_ON, provider=str(policy.pk), uid=str(claims["sub"])
        )
        raise ImmediateHttpResponse(perform_login(request, user, redirect_url=going_to))


def _require_nonce(asked: str, claims: dict[str, Any]) -> None:
    """Let pass what was signed for this session.

    Raises:
        NotAllowed: it was signed for another, or for none.

    """
    if not asked or not constant_time_compare(str(claims.get("nonce", "")), asked):
        raise NotAllowed("nonce")


def _vouched_for(policy: SignInPolicy, claims: dict[str, Any], address: str) -> User:
    """The person, if this account's provider says so of an address that it does not doubt.

    Providers that do not say whether an address is verified are believed: it is one of the
    domains that the account's administrators named, and opens their account only.

    Raises:
        NotAllowed: it says otherwise, or somebody else says it.
        AccountSuspended: nobody uses the account.

    """
    if str(claims.get("iss", "")).rstrip("/") != policy.issuer or not claims.get("sub"):
        raise NotAllowed("issuer")
    if claims.get("email_verified", True) not in {True, "true"}:
        raise NotAllowed("unverified")
    name = claims.get("name")
    user = person_vouched_for(
        policy,
        email=str(claims.get("email", "")),
        name=name if isinstance(name, str) else "",
        address=address,
    )
    if not user.is_active:
        raise NotAllowed("inactive")
    return user


def _policy(provider_id: Any) -> SignInPolicy:
    try:
        policy = single_sign_on_for(UUID(str(provider_id)))
    except ValueError:
        policy = None
    if policy is None:
        raise SocialApp.DoesNotExist
    return policy
