"""Ports: what the rooms may ask of storage, and nothing about how it is done (that is backends/)."""
