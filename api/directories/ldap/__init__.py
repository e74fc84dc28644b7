"""LDAP and Active Directory, read only, by a small client of our own that needs no compiler and no library."""
