"""Reviewing use: signs of misuse are found in the ledger, ranked, explained or investigated; a look into one's own household is stopped."""
