"""One file per model; the loop finds the derived tables that each offers."""
