"""Carriers: one file a vendor. Values in, values out; no Django, no database, no tenant."""
