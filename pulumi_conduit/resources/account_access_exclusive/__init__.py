"""All accounts of one user, authoritatively: what is declared and recorded, and how the list is written."""
