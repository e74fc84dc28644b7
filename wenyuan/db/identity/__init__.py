"""Who somebody is: accounts that count, passwords, sessions, identities at issuers, and what was spent."""
