"""Parts of the differential suite: an example provider, scenarios, two runners and one normal form; no test is here."""
