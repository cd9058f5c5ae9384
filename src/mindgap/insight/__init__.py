"""Insight: what the business knows about each customer, in bits, and what it does not."""
