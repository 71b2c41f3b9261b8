"""Whose an error is, and what people decide about it."""
