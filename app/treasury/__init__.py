"""账目: the compound's public money, double entry under a simple face.

What is here, each with its nouns, verbs, readers and doors in files named for it: the chart of each fund (`chart_…`), drafts
and their approval (`draft_…`, `approving`), vouchers with their public copies (`voucher_…`, `covering`), the journal and the
trail of an entry (`models`, `journal`, `trail`), months that close (`period_…`, `closing`), statements and their corrections
(`statement_…`, `publishing`), the bank's statements (`bank_…`), contracts with the rent they owe (`contract_…`), budgets
(`budget_…`).

Funds are kept apart: each has its own accounts (`fund_charts`), and no entry mixes two.
Other rooms book through `journal.book` and `journal.reverse` and nothing else; `journal.open_books` gives a compound its chart
of accounts. Home shows `queries.balance_card` and `draft_queries.waiting_for`. What is due by a contract and has not come:
`contract_queries.receivables`.
"""
