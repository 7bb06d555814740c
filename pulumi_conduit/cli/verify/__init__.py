"""`pulumi-conduit verify`: tries every operation on one test user and one test company, and records what the APIs do.

`candidates` are the verbs and paths that it may try, `caller` sends, `conductor_api` searches, `user_walk` and
`company_walk` are the requests in order, `results` what is found and what the APIs' pages leave open.
"""
