"""账目: the compound's public money, double entry under a simple face: drafts, approvals, the journal, monthly statements.

Other rooms book through `journal.book` and nothing else; `journal.open_books` gives a compound its chart of accounts.
Home shows `queries.balance_card` and `queries.waiting_for`.
"""
