"""Accounts, groups and departments as directories, SCIM clients and imports write them: many at once, one epoch."""
