"""What runs without a page: commands and scheduled work. Arguments in, one use case, a frozen value out."""
