"""What every host does with a request: exemplars and release maps on the source's canvas, and notices about them."""
