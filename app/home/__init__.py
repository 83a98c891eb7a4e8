"""The first page (what waits for me, where the money stands, what is new) and 我的: one's own data and account.

The top of the stairs: it may look into every room, and no room knows it.
"""
