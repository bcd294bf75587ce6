"""What a child or parent has decided about listing a service, when, and on what basis."""
