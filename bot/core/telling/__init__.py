"""What people are told: where, when, in what order, and what they see."""
