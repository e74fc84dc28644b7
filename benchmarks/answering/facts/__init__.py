"""Facts of offices and firms, said rightly and wrongly: what the support check is measured on."""
