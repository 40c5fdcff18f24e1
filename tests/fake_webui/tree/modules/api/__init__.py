"""The stand-in's API."""
