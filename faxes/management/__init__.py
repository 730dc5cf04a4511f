"""Commands of the portal: arguments and printing, and the guarding of processes."""
