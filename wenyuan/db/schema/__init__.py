"""The tables, in modules by subject; ``wenyuan.db.tables`` offers them all."""
