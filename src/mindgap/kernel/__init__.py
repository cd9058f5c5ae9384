"""The shared words: errors, clocks, randomness, tables, derivations, settings. Imports no other room."""
