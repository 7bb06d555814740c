"""The fuzzer: random programs and events, a comparison of two runners over them, and a shrinker of what it finds."""
