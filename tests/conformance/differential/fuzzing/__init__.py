"""The fuzzer: random programs and events, a duel of two lanes over them, and a shrinker of what it finds."""
