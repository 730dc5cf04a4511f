"""Signing in without the form, as if the password had been typed a moment ago."""

import time
from typing import Any

from django.test import Client

from accounts.models import User


def sign_in(client: Client, user: User, **record: Any) -> None:
    """Sign the person in; ``record`` is how, if not by password (``method=…``)."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), **record}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
