"""People who use the index: accounts, checks, training, agreements, roles and grants; who may do what."""
