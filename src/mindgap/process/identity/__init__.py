"""Which ids are one person: a graph over what events and files show together, with guards.

Pure and deterministic: the same rows in any order give the same persons. What the guards hold back is kept
with its reason, for a person to decide.
"""
