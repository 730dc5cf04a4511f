"""The customers' web portal, a file a page: parse, one call, answer."""
