"""What helps to test programs that use the provider: pytest fixtures, loaded by pytest itself from `plugin`."""
