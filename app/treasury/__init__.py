"""账目: the compound's public money, double entry under a simple face: drafts, approvals, the journal, monthly statements;
contracts with the rent they owe, budgets against what was booked.

Funds are kept apart: each has its own accounts (`fund_charts`), and no entry mixes two.
Other rooms book through `journal.book` and nothing else; `journal.open_books` gives a compound its chart of accounts.
Home shows `queries.balance_card` and `draft_queries.waiting_for`. What is due by a contract and has not come:
`contract_queries.receivables`.
"""
