"""The ledger: what was done, by whom and why. Append-only, opaque ids, no foreign keys, read by very few."""
