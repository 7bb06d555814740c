"""Companies, people and their account access in Conduit Link and Conductor as Pulumi resources."""
