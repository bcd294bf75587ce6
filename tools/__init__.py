"""Tools of the repository: the one import contract of our own, and the generators of documents."""
