"""T11: who is in its index, what is done to it, and what is true of it whatever the product says."""
