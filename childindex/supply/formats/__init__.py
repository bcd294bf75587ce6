"""Supply files: from bytes to source records or rejections, with no database behind it. The trial reads files through the same code."""
