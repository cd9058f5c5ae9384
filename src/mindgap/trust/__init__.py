"""Pure answers about what may be known of whom: identifiers, keys, erasure."""
