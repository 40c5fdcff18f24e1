"""The stand-in for the hosts' own package."""
