"""What residents do; the receipt is the only proof."""
