"""Images and maps as arrays: decoding, color, placement, mask operations, compositing."""
