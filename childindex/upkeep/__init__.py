"""What practitioners do to keep an entry right: say that they are involved or no longer, confirm, report a wrong number, propose."""
