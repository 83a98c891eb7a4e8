"""改造工程: projects and their phases, supervisors' visits with photos, findings until somebody else saw them mended.

A visit is written once: `visiting.submit_visit` takes the text, its photos arrive one by one afterwards, and whether all
are here is a state. It goes by check lists (`checking`), photo points (`spotting`) and fixed days (`supervising`), and drafts
findings or looks at them again; what is known about a photo beside what it shows is its `evidence`. A finding goes open → answered → closed; what was not mended goes back, and what never will be is
closed apart. The contractor answers by a link, without an account (`contractor`).

Others may use `queries.waiting_for` (first page).
"""
