"""The entry for one child: names, birth, whereabouts, numbers, carers, and the suppliers' records it is computed from."""
