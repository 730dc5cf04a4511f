"""The operator's admin: all of the site to look through, and a few acts, by the services' leave."""
