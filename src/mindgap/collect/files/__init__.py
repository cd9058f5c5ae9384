"""Files and what is in them: looked at, understood, cleaned, read into canonical tables."""
