"""What runs in the provider process: the dynamic provider protocol, and what the running program declares."""
