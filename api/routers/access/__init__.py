"""What policies are made of: folders, departments."""
