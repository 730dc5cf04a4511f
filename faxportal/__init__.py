"""Wiring only: settings, addresses, health, logs. Nothing below imports it."""
