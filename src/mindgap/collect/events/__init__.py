"""Events: what may be kept of a message, and what it means; the same for every client and connector."""
