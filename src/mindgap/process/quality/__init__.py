"""Figures of quality: how good the data is, per table, source and day, by the dimensions of ISO/IEC 25012."""
