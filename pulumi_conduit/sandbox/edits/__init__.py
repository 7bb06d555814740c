"""What happens behind the APIs' backs: the seed, and the edits that make drift, each checked so that a typo fails."""
