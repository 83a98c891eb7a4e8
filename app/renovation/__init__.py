"""改造工程: projects from the residents' problems to the end of the warranty, supervisors' visits with photos, findings until
somebody else saw them mended.

A project's life is a row of acts (`living`), and its stage follows from them; beside it stand what it costs (`contracting`),
how far it is (`works`), its papers (`documents`), its warranty (`warranting`), and who asks about it or follows it.

A visit is written once: `visiting.submit_visit` takes the text, its photos arrive one by one afterwards, and whether all
are here is a state. It goes by check lists (`checking`), photo points (`spotting`) and fixed days (`supervising`), and drafts
findings or looks at them again; what is known about a photo beside what it shows is its `evidence`.

A finding goes open → answered → closed; what was not mended goes back, and what never will be is closed apart.
The contractor answers by a link, without an account (`contractor`). Where they are at odds, somebody mediates (`mediating`): of
that nobody else hears, until all parties let its outcome be told.

An acceptance (`accepting`) is the residents' own word on a project, and not the acceptance on completion: parts checked by lists,
an opinion of each unit (`opining`), a conclusion that enough supervisors sign, published as a notice.

Others may use `queries.waiting_for` (first page).
"""
