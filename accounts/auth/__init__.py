"""A request becomes an actor."""
