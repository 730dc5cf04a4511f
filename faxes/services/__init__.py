"""Verbs of what: each opens its transactions, decides, and answers with plain values."""
