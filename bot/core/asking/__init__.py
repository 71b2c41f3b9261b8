"""What a model is shown and asked, and what of its answer stands."""
