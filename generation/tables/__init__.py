"""Questions over tables: a plan over typed cells, executed by a database in memory, with every operand cited."""
