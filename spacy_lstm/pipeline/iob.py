"""What spaCy writes of a token and entities: `Token.ent_iob`."""

MISSING, INSIDE, OUTSIDE, BEGIN = range(4)
