"""Pages about oneself: signing in, the password, which account."""
