"""SignalWire's Compatibility API (LaML), and the Twilio fax API that it descends from."""
