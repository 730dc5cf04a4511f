"""Documents made to break the conversion, and the proof that they do not."""
