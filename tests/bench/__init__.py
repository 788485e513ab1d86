"""How fast and how small binding is, beside the floor on the same machine. Told by `make bench`, never asserted."""
