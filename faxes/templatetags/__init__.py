"""What templates can say of faxes."""
