"""Faxes by e-mail: who may hand in what, and what of a message is faxed."""
