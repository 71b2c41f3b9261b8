"""Which model is asked, whether now, and what that costs."""
