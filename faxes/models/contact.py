"""The address book: people and offices that faxes go to, and groups of them."""

from django.db import models

from faxes.models.base import TenantModel


class Contact(TenantModel):
    """A fax number with whose it is. Several may have the same number.

    ``key`` is name and company in small letters: lists go by it, and searches look into it.
    ``number_by`` is the person who wrote the number: all zeros for a program that is nobody's, None
    where it is not known. It is ``confirmed`` once somebody else saved it as well.
    """

    name = models.CharField(max_length=120, blank=True)
    company = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=20)  # E.164
    email = models.CharField(max_length=254, blank=True)
    note = models.TextField(blank=True)
    key = models.CharField(max_length=400)
    number_by = models.UUIDField(null=True, blank=True)
    confirmed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(fields=["account", "key", "id"], name="contact_list"),
            models.Index(fields=["account", "number"], name="contact_by_number"),
        )

    def __str__(self) -> str:
        return str(self.id)


class ContactGroup(TenantModel):
    """Contacts under a name that no other group of the account has; ``key`` in small letters."""

    name = models.CharField(max_length=120)
    key = models.CharField(max_length=400)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "key"], name="contact_group_name_once"),
        )

    def __str__(self) -> str:
        return str(self.id)


class GroupMember(TenantModel):
    """A contact is in a group."""

    group = models.ForeignKey(
        ContactGroup, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="memberships")

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["group", "contact"], name="group_member_once"),
        )

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.group_id}"
