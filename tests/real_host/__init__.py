"""The laws, on a running WebUI."""
