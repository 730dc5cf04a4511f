"""Fax2's API, version 1.1."""
