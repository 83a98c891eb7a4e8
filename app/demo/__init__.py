"""The demo: two neighbourhoods that could exist, with people who do not.

Nothing here touches a database. `invented_world(today)` in `world.py` returns plain frozen dataclasses (`shapes.py`) for
枫树小区, 工行小区 and the integrators' sandbox; the loader walks them and calls the product's own verbs. Dates hang on the
`today` that is passed in, so the demo is always current, and the same day always gives the same world on every machine and
every Python (`dice.py`).

In the demo it is always the week in which the Dragon-Boat gift is collected, whatever the calendar says: what is shown must
not change with the season. Everything else follows the calendar (interest is paid in March, mosquitoes are fought in
summer).

Names, telephone numbers, firms and figures are invented. China keeps no telephone numbers apart for fiction; ours begin
with 1990000 so that anybody can see it, and the product never dials or sends on its own. Firms are called after animals and
plants. Papers bear no firm's name.
"""
