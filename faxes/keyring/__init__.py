"""Keys of stored objects: each its own, under its account's, under the site's."""
