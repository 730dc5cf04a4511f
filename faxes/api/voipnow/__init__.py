"""VoipNow's UnifiedAPI: the one operation that it has for faxes, which is to send them."""
