"""名册: who owns what in the compound, as the committee's own Excel file has it.

Reading a roster is pure and writes nothing: `kit.workbook.read_table` turns bytes into a table or says in a sentence why it
cannot; `reading.read_roster` turns the table into proposed rows, with every doubt named by row and column.
`template.empty_roster` is the workbook offered to a committee that has none. The importer writes what was confirmed.
"""
