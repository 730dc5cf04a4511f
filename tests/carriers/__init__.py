"""Carriers against scripted vendors."""
