"""A user in Conductor: what is declared and recorded, and how it is created, read, updated and deactivated."""
