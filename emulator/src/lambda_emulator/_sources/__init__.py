"""Event sources: what is polled for functions, and what is pushed to them."""
