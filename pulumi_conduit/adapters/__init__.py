"""Between Pulumi and the resources: what programs declare, and the dynamic provider protocol that serves it."""
