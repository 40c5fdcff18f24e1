"""How good edits are: random maps, methods, measures, and what they say of the trends of the paper."""
