"""What clients send over HTTP: one module a wire format, each with its `ENDPOINTS`."""
