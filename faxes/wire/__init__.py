"""One vendor's words, ids, times and shapes, read and written, for both sides of its API."""
