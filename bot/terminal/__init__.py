"""What people read in a terminal: plain text, from which nothing can steer it."""
