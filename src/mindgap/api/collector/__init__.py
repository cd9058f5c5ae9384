"""The collector: the HTTP server that event clients send to."""
