"""Tests on a running WebUI."""
