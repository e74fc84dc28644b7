"""Routes that show what is behind a document: its profile, its versions block by block, its corrections."""
