"""The embedded line: real T.30 sessions between two ends on one machine. No Django here."""
