"""The doors of the public log: its entries, and the proof that one of them is in it and unchanged.

`publiclog` writes and proves; this room only shows. What it shows proves that a published line was not changed or removed
since. It does not prove that the line is true, and the pages say so.
"""
