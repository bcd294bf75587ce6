"""The matching trial: what `link` decided, held against the truth, in figures and on a page. Needs no database."""
