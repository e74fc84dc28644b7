"""Rich Text Format, by a reader of its own: groups, code pages, Unicode, styles, tables, hidden text."""
