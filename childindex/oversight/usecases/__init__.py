"""What is done here: the ledger is read for signs of misuse, and audit officers answer them."""
