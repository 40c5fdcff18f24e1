"""A fake of the hosts' own package."""
