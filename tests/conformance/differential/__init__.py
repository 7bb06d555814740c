"""The differential suite's machinery: a toy provider, scenarios, two lanes and one normal form; no test lives here."""
