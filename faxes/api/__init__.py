"""The REST APIs: one of the portal's own, and those that existing clients speak."""
