"""What is shipped to run beside Mahalleh, started as it is."""
