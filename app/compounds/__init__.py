"""The neighbourhood's nouns: community, compound, buildings and units, people, owners, bodies and their seats.

Nouns only: `roster` has the verbs and doors over them. `rules` holds every rule that a compound may set, `numbers` its
gap-free readable numbers.
"""
