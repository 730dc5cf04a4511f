"""Scripted vendors over real HTTP: they hold the truth of what they took, and fail on order."""
