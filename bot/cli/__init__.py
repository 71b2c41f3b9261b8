"""The command line: what people and other programs type, and what they get."""
