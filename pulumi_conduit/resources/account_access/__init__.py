"""One account of one user, additively: what is declared and recorded, and how it is added and removed."""
