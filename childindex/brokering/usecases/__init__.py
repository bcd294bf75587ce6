"""What is done here: ask to be put in touch, and override a shield."""
