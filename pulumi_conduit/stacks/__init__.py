"""Pulumi stacks as the CLI tells of them: what a stack's export records of ours. Knows no API and no command."""
