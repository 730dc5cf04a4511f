"""Verbs of who: make accounts and people, make and revoke tokens, write the record."""
