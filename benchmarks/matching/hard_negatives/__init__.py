"""Hard negatives: pairs of different children who look like one, each with records of their own, linked by `childindex link`."""
