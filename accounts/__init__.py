"""Who: accounts and their tree, people, roles, credentials, and the record of who did what."""
