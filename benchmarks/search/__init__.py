"""The search of the product under scopes: speed, recall under filters, growth, and what the unseen may move."""
