"""Shared reads: every list and look-up of tenants' rows, with its order and its cost pinned."""
