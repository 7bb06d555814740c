"""Measures the provider beside what people would use instead, against the sandbox: `python -m benchmarks`.

Every peer is a file in `peers`, with what it does and the closed formula of the calls that it makes. Nothing here is
part of the package, and nothing here is loaded before it is needed: peers run inside of the engine's own processes.
"""
