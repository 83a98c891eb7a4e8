"""Who is asking, and what they may do: the actor, the table of permissions, invites, keys, and the sign-in doors.

Every other room's doors name their actor (`Anyone`, `Resident`, `Officer`) in the route's signature; a route without one
fails a house test.
"""
