"""The peers, one file each: what runs, and the closed formula of its calls. Listed in `benchmarks.peer`."""
