"""When a signature behaves unusually, and the numbers that say so."""
