"""How words and numbers are put to people, and what no text may do to them."""
