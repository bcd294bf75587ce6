"""Pages for people who work with children: sign in, search, the child's page, my involvement, my access."""
