"""Gongzhi 共治: the software with which a residential compound governs itself.

The house is a staircase; a room looks only down the stairs, and only `main` opens the doors (`pages.py`, `api.py`):

    __main__ > cli > commands > main > backups > demo > home > proofs > benefits > renovation | volunteering > treasury
    > council > notices > photos > inbox > roster > access > compounds > accounts > publiclog > kit > settings

Each feature has the same few rooms: `models` (nouns and their own rules), `policy` (who may), `queries` (what there is to
see), `service` (verbs), `schemas` (shapes at the border), and the two thin doors `pages` (people) and `api` (programs).
GET reads, everything else writes: one transaction a request; returning commits, raising rolls back (`kit.requests`).
"""
