"""The HTTP server: who may come in, the JSON API, and one envelope for everything that goes wrong."""
