"""Pages, one package per audience, drawn with the design system in `design`."""
