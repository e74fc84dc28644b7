"""What is found out about a bitmap besides its lines: which way up it is, regions, seals. Runs in the child."""
