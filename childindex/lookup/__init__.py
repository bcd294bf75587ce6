"""Find a child and see who is involved: what may be searched for, what of it is shown, and the reason it was opened for."""
