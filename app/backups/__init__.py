"""备份: one file that holds the whole installation, and the way back; used by the command line only.

Copying the database's file while it is written to loses commits that were acknowledged, and its own integrity check says
ok (165 to 681 rows in ten of ten tries). So `backup` asks the engine for a snapshot, and writes beside it what must be true
of it: the rows of every table, each log's head, each trial balance. `restore` believes nothing until it is true again.
"""
