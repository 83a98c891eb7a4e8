"""福利: from a surplus to a signed-for gift in every home: the plan, its frozen roll, the claims, and what is still owed.

Home asks `queries.waiting_for`; everything that moves goes through the verbs in `planning` (plan, publish, stock, close) and
`service` (claim, void). `shares` divides, exactly.
"""
