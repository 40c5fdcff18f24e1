"""The API of the fake WebUI."""
