"""What is done with a delivery, one file each: set up the register, receive, check, apply, deliver."""
