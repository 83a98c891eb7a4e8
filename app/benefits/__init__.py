"""福利: from a surplus to a signed-for gift in every home: the plan, its frozen roll, the claims, and what is still owed.

Home asks `gift_queries.waiting_for`; everything that moves goes through the verbs in `planning` (plan, exclude, hold),
`approving`, `publishing` (freeze, correct, close), `stocking` (desks and goods) and `service` (claim, void). `shares` divides,
exactly; `rolling` says what the roll would be.
"""
