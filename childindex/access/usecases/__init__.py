"""What people do about access itself: get in or be turned away, look after their own, look after colleagues', begin."""
