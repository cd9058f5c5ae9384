"""Sources that need no looking at, one file each: their columns are known."""
