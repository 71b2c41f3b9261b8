"""What an error is called: the masked shape of an event, and its stable fingerprint."""
