"""Identities that an OpenID provider vouches for: signing in there, and bearer tokens that it signed."""
