"""What people see on Slack, as pure functions from cards to blocks."""
