"""Both APIs over HTTP: a thin shell of FastAPI around the rules, which knows shapes and decides nothing."""
