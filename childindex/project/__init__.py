"""The composition root: settings of each kind of process, the map of addresses, the database's life, and the command line.

Nothing may import this package; it is the only one that knows all the others.
"""
