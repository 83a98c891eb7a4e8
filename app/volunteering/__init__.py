"""志愿服务: activities with shifts, once or again and again; neighbours sign up, wait, step in for each other, are reminded and
checked in, and their hours are recorded.

The pattern of a room: read `models` (what a shift is and how its places are given), `outcomes` (what comes of asking for one),
then `signing_up` (the verb), then the two doors. What comes again is `series_models` and `repeating`; coming and
going is `attendance`, what it is worth `hour_keeping`, what is certified of it `certificate_models`. Beside the shifts stand who
can do what (`census`), neighbours who ask for help (`requesting`), promises made in public (`pledge_models`) and homes that are
looked after (`home_visiting`). Others may use `queries.my_shifts` (for the first page).
"""
