"""What runs in the user's program: resource classes, functions, the roster component, and what it declares, logged."""
