"""A hundred thousand hostile requests, mails and uploads at a real portal, from a seed."""
