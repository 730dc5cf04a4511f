"""What operators do: back up, restore, look after it, watch it."""
