"""Where errors come from, and how much of them is kept."""
