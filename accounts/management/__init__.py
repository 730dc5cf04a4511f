"""What an operator asks of accounts by command."""
