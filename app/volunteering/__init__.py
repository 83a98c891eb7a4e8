"""志愿服务: activities with shifts; neighbours sign up, wait, are checked in, and their hours are recorded.

The pattern of a room: read `models` (what a shift is and when it says no), then `signing_up` (the verb), then the two
doors. Others may use `queries.my_shifts` (for the first page).
"""
