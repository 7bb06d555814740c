"""`pulumi-conduit audit`: a tenant compared with what stacks declare. Reads only."""
