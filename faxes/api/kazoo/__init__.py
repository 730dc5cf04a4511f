"""Kazoo's REST API (Crossbar), under ``/v2/``: what was written for that works here as it is."""
