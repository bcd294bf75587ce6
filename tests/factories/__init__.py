"""Made-up things for tests, one file for each noun."""
