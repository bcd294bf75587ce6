"""Words everyone shares: names, dates, numbers, places, reasons and refusals. Plain Python, no decisions about children."""
