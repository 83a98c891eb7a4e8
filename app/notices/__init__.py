"""公示: one mechanism for everything that is published: a period, objections by name, named answers, an effective day.

A room that publishes calls `service.publish_notice` in its own transaction and asks `queries.is_effective`.
`periods`: the months, quarters, halves and years for which figures are published. `due`: which of them the rules still want.
"""
