"""A company of a Link APP: what is declared and recorded, and how it is created, read, updated and removed."""
