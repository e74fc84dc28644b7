"""Language models as the settings name them."""
