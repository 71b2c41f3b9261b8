"""Where errors come from: one module per origin, each of which turns what it reads into events."""
