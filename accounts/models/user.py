"""A person, who signs in by email."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from accounts.ids import new_id


class UserManager(BaseUserManager["User"]):
    """Makes users; looks them up without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person who can sign in (not at all without a password).

        The address is kept in small letters, as those who look for it at the log-in write it.
        """
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person of an email address, in whatever case it is written."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person; what they are in which account is a matter of memberships."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    # null: not chosen, so it is the browser's
    language = models.CharField(max_length=16, null=True, blank=True)  # noqa: DJ001
    # null: not chosen, so it is the account's, or that of what is spoken of
    time_zone = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001
    demo = models.BooleanField(default=False)  # a password that everybody knows
    last_account = models.ForeignKey(
        "accounts.Account", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_once"),)

    def __str__(self) -> str:
        return self.name or self.email
