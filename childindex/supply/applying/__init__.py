"""What becomes of one batch of a feed's records: told apart, placed, written. Sets throughout; the use case opens the entry."""
